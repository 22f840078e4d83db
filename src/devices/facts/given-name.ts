/** The names that people give, to devices and to rooms. */
import { BridgeError } from '../../core/errors.ts'
import { isVisible } from '../../core/visible.ts'

/** Characters, not bytes, since names may be in any script. Home Assistant cuts longer names off. */
export const LONGEST_NAME = 64

/**
 * A name as it is kept: without spaces around it, and composed (NFC).
 * @param field what the name is called in the command
 * @throws BridgeError `BAD_REQUEST` for an invalid name
 */
export function readName(value: unknown, field: 'name' | 'room' = 'name'): string | null {
  if (value === null) return null
  const bad = (rule: string) =>
    new BridgeError('BAD_REQUEST', `A ${field} ${rule}. Nothing was changed.`, { details: { field } })
  if (typeof value !== 'string') throw bad('must be a text, or null to remove it')
  const name = value.normalize('NFC').trim()
  if (name === '') throw bad('can’t be empty; null removes it')
  if ([...name].length > LONGEST_NAME) throw bad(`has at most ${LONGEST_NAME} characters`)
  if (!isVisible(name)) throw bad('must be one line of visible characters')
  return name
}
