/** Every fault, in the order in which they are tried. A new one is a file of this folder and a line here. */
import { BRIDGES } from './bridges.ts'
import { BROKERS } from './brokers.ts'
import { DISK } from './disk.ts'
import { EMBEDDED } from './embedded.ts'
import type { Fault } from './fault.ts'
import { FUZZ } from './fuzz.ts'
import { HOUSES } from './houses.ts'
import { killed } from './killed.ts'
import { neighbour } from './neighbours.ts'
import { WEB } from './web.ts'

export const FAULTS: readonly Fault[] = [
  killed,
  ...FUZZ,
  neighbour,
  ...BRIDGES,
  ...BROKERS,
  ...EMBEDDED,
  ...WEB,
  ...HOUSES,
  ...DISK,
]
