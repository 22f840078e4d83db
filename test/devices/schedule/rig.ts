/** A thermostat that follows a schedule. */
import type { BridgeError } from '../../../src/core/errors.ts'
import { indexRows } from '../../../src/devices/facts/rows.ts'
import { Thermostat } from '../../../src/devices/thermostat.ts'
import type { Telemetry } from '../../../src/protocol/replies.ts'
import { DAYS } from '../../../src/protocol/schedule.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeLink, silent, withValues } from '../support.ts'

export const MINUTE = 60_000
/** A Thursday. */
export const NOON = Date.UTC(2026, 0, 15, 12)

export function fieldsOf(telemetry: Telemetry, fields: Readonly<Record<string, string>>): Telemetry {
  return { ...telemetry, fields: new Map([...telemetry.fields, ...Object.entries(fields)]) }
}

/** An AX or OZ that follows its schedule at 25 °C, Thursday noon, in the period that began at 8:00. */
export async function following(name: 'ax' | 'oz' = 'ax') {
  const clock = new FakeClock(NOON)
  const link = new FakeLink(name)
  link.parameters = withValues(link.parameters, { 2: '0', 3: '0', 125: '0' })
  link.telemetry = fieldsOf(link.telemetry, {
    'm.0': '0',
    'm.1': '0',
    'm.2': '13',
    't.5': '400',
    'f.16': '0',
    'f.7': '0',
  })
  // 0 would have the zone of OZ, which it tells, added; so it is told to be at its own local time.
  link.clockOffset = name === 'oz' ? 3 * 3600 : 0
  const seen = { schedules: 0 }
  const thermostat = new Thermostat(
    {
      serial: 'A1B2C3',
      hw: name,
      name: null,
      counterBase: null,
      learned: {},
      features: [],
      sources: ['beacon'],
    },
    {
      clock,
      random: () => 0.5,
      logger: silent,
      pollInterval: 15_000,
      rows: indexRows,
      connect: () => link,
      keySource: () => null,
      onState: () => undefined,
      onSchedule: () => seen.schedules++,
      onAvailability: () => undefined,
      onIdentity: () => undefined,
    },
  )
  thermostat.locate({ host: '127.0.0.1', port: 80 })
  await clock.advance(0)
  return { clock, link, seen, thermostat }
}

export const caught = (promise: Promise<unknown>): Promise<BridgeError> =>
  promise.then(
    () => {
      throw new Error('it was taken')
    },
    (error) => error,
  )

/** A time for each day, another temperature on each. */
export const whole = {
  floor: Object.fromEntries(DAYS.map((day, index) => [day, [{ time: '05:00', temperature: 20 + index }]])),
}
