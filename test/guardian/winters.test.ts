import t from 'tap'
import { FINDING_KINDS } from '../../src/devices/ports.ts'
import { FLOORS } from './floors.ts'
import { hunt, quiet } from './seasons.ts'

/** Their faults begin after three weeks, which keeps the test short; `npm run guardian` tries others. */
const SEEDS = [15, 29, 43]

t.test('faults of every kind are found in time on every floor', async (t) => {
  const hunts = FLOORS.flatMap((floor) =>
    FINDING_KINDS.flatMap((kind) =>
      SEEDS.map((seed) => ({ floor: floor.name, kind, seed, ...hunt(floor, kind, seed) })),
    ),
  )
  const missed = hunts.filter(({ found }) => !found)
  t.ok(missed.length <= 0.05 * hunts.length, JSON.stringify(missed))
  t.strictSame(
    FINDING_KINDS.filter((kind) => !hunts.some((hunted) => hunted.kind === kind && hunted.found)),
    [],
    'no kind is never found',
  )
})

t.test('a winter without faults has at most one false finding', async (t) => {
  const found = FLOORS.map((floor) => [floor.name, quiet(floor, 7)] as const)
  t.strictSame(
    found.filter(([, kinds]) => kinds.length > 1),
    [],
  )
})
