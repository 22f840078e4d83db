/** The Homie column of the generated reference. */
import type { Datapoint } from '../catalog/index.ts'
import { nodeOf } from './description.ts'
import { keyId } from './ids.ts'

export const homieColumn = {
  head: 'Homie',
  say: (row: Datapoint): string => `\`${nodeOf(row)}/${keyId(row.key)}\``,
}
