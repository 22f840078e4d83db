/** The values of a device as its page orders them, and how one of them is found. */
import type { Datapoint, State } from '../api/types.ts'
import { wordsIn } from './list.ts'

/** What people change stands first, then what they read, then what only helps to find a fault. */
export const CATEGORIES = ['control', 'config', 'measured', 'fault', 'diagnostic'] as const

/** Open from the start; the others are opened by whoever wants them. */
export const OPEN: readonly string[] = ['control', 'measured']

/** On the card already; `power_off` is the mode off. */
const ON_CARD: readonly string[] = [
  'mode',
  'power_off',
  'preset',
  'target_temperature',
  'relay',
  'action',
  'current_temperature',
]

/** Those that the card does not show, and that have a value or can be given one. */
export const pointsBelow = (points: readonly Datapoint[], state: State): readonly Datapoint[] =>
  points.filter(
    ({ key, access }) =>
      !ON_CARD.includes(key) && (access === 'write' || (state[key] !== null && state[key] !== undefined)),
  )

/**
 * Those in whose words, key or number of the protocol all words of the search are; all of them for an empty search.
 * @param wordsOf all that the page says of a datapoint in the reader's language
 */
export function searched(
  points: readonly Datapoint[],
  search: string,
  wordsOf: (point: Datapoint) => string,
): readonly Datapoint[] {
  const words = wordsIn(search)
  if (words.length === 0) return points
  return points.filter((point) => {
    const text = `${wordsOf(point)} ${point.key} ${point.raw ?? ''}`.toLocaleLowerCase()
    return words.every((word) => text.includes(word))
  })
}
