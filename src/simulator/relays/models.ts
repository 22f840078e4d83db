/** What MS and D2W answer with factory settings, as their documents print it, and which values they take. */
import type { Inside } from '../unit.ts'

export interface RelayRow {
  readonly id: number
  /** Wire type. D2W has none on the wire: here 7 stands for its booleans, anything else for its numbers. */
  readonly type: number
  readonly value: number
  /** Lowest and highest value that the parameter takes; absent when nobody can write it. */
  readonly range?: readonly [number, number]
}

export interface RelayModel {
  readonly hw: Inside['model']['hw']
  readonly vendor: 'welrok'
  readonly restartReason: { readonly power: string; readonly software: string }
  readonly refusal: 'block' | 'block-with-sn'
  readonly acknowledgement: 'full'
  readonly parameters: readonly RelayRow[]
}

const BOOLEAN = { type: 7, range: [0, 1] } as const

/** In the order of the published reply. */
export const MS: RelayModel = {
  hw: 'ms',
  vendor: 'welrok',
  restartReason: { power: '1', software: '3' },
  refusal: 'block-with-sn',
  acknowledgement: 'full',
  parameters: [
    { id: 68, type: 2, value: 0, range: [0, 255] },
    { id: 125, value: 0, ...BOOLEAN },
    { id: 70, type: 2, value: 2, range: [0, 2] },
    { id: 71, type: 2, value: 0, range: [0, 1] },
    { id: 3, type: 2, value: 0 },
    { id: 23, type: 2, value: 10, range: [0, 10] },
    { id: 55, type: 2, value: 24 },
    { id: 114, value: 0, ...BOOLEAN },
    { id: 115, value: 0, ...BOOLEAN },
    { id: 124, value: 0, ...BOOLEAN },
  ],
}

export const D2W: RelayModel = {
  hw: 'D2W',
  vendor: 'welrok',
  restartReason: { power: '1', software: '3' },
  // None of the relay's own replies says `sn`.
  refusal: 'block',
  acknowledgement: 'full',
  parameters: [
    { id: 1, type: 4, value: 245, range: [230, 280] },
    { id: 5, type: 2, value: 144, range: [100, 210] },
    { id: 9, type: 4, value: 3, range: [3, 999] },
    { id: 14, type: 1, value: -8, range: [-20, 20] },
    { id: 20, type: 2, value: 3, range: [0, 5] },
    { id: 19, type: 2, value: 3, range: [1, 5] },
    { id: 13, type: 6, value: 1, range: [1, 100] },
    { id: 73, type: 2, value: 5, range: [0, 10] },
    { id: 124, value: 0, ...BOOLEAN },
    { id: 125, value: 1, ...BOOLEAN },
    { id: 126, value: 0, ...BOOLEAN },
    { id: 119, value: 0, ...BOOLEAN },
    { id: 118, value: 1, ...BOOLEAN },
    { id: 117, value: 1, ...BOOLEAN },
    { id: 116, value: 0, ...BOOLEAN },
    { id: 114, value: 0, ...BOOLEAN },
    { id: 115, value: 0, ...BOOLEAN },
  ],
}
