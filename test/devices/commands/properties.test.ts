/** Whatever is asked, in whatever order, one after another: what is written can be held by the wire, or a reason is given. */
import fc from 'fast-check'
import t from 'tap'
import type { Datapoint } from '../../../src/catalog/index.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import type { Boost } from '../../../src/devices/boost/facts.ts'
import { DeviceTimes } from '../../../src/devices/clock/times.ts'
import { parseCommand } from '../../../src/devices/commands/parse.ts'
import { planCommand } from '../../../src/devices/commands/plan.ts'
import { EPOCH_2000 } from '../../../src/protocol/epoch.ts'
import { readingsOf } from '../support.ts'

const NOW = 820_000_000
const HOST = (NOW + EPOCH_2000) * 1000

const RANGES = [
  [-128, 127],
  [0, 255],
  [-32_768, 32_767],
  [0, 65_535],
  [-2_147_483_648, 2_147_483_647],
  [0, 4_294_967_295],
  [0, 1],
] as const

const isHeld = (type: number, raw: string): boolean => {
  const [least, most] = RANGES[type - 1] ?? [0, 0]
  return /^-?\d+$/.test(raw) && Number(raw) >= least && Number(raw) <= most
}

/** Mostly what the key takes. */
function anyValue({ type, values = [], min = -20, max = 60 }: Datapoint): fc.Arbitrary<unknown> {
  const fitting: Readonly<Record<Datapoint['type'], fc.Arbitrary<unknown>>> = {
    number: fc.oneof(
      fc.integer({ min: Math.ceil(min), max: Math.floor(max) }),
      fc.double({ min, max, noNaN: true }),
      fc.constantFrom(127, -127, 12.7),
    ),
    boolean: fc.boolean(),
    enum: values.length > 0 ? fc.constantFrom(...values) : fc.string(),
    text: fc.string(),
    timestamp: fc.constantFrom(
      null,
      '2026-12-01T10:00',
      '2027-01-01T00:00Z',
      '2106-02-07T06:28:15Z',
      '1999-01-01T00:00',
    ),
    timeOfDay: fc.constantFrom('00:00', '23:59', '24:00'),
  }
  return fc.oneof({ weight: 12, arbitrary: fitting[type] }, { weight: 1, arbitrary: fc.anything() })
}

/** The clock of the device: right, in local time, never set, far ahead, and further than its own count goes. */
const clocks = fc.constantFrom(0, 7_200, 5 - NOW, 2_000_000_000, 9_000_000_000)

for (const name of ['ax', 'sx', 'az', 'oz']) {
  t.test(`${name}: any commands`, async (t) => {
    const readings = readingsOf(name)
    const rows = readings.rows.datapoints.filter(({ access }) => access === 'write')
    const entry = fc.constantFrom(...rows).chain((row) => anyValue(row).map((value) => [row.key, value] as const))
    const command = fc.array(entry, { minLength: 1, maxLength: 5 }).map((entries) => Object.fromEntries(entries))
    let planned = 0
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 4 }), clocks, (commands, ahead) => {
        const times = new DeviceTimes(HOST, ahead, { host: () => 7_200 })
        const fixed = { readings, learned: {}, boostMinutes: 60, boostSetpoint: null, now: HOST, times }
        let decided: ReadonlyMap<string, unknown> = new Map()
        let boost: Boost | null = null
        return commands.every((asked) => {
          try {
            const plan = planCommand(parseCommand(asked, readings), { ...fixed, decided, boost })
            planned++
            decided = plan.decided
            boost = plan.boost
            const held = [...plan.changes.values()].every(({ type, raws }) => raws.every((raw) => isHeld(type, raw)))
            return (
              held && Object.values(plan.rounded).every(({ asked, set }) => Number.isFinite(asked) && asked !== set)
            )
          } catch (error) {
            if (error instanceof BridgeError) return error.code !== 'INTERNAL'
            throw error
          }
        })
      }),
      { numRuns: 400 },
    )
    t.ok(planned > 100, `${planned} of them could be done`)
  })
}
