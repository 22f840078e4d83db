import { fixture, list, object } from '../support/fixtures.ts'

/** The documents' answers of a relay: parameters, clock, telemetry. */
export function answersOf(relay: 'ms' | 'd2w') {
  const [parameters, time, telemetry] = list(fixture(relay).exchanges).map((exchange) =>
    object(object(exchange).response),
  )
  if (!parameters || !time || !telemetry) throw new Error('the fixture lacks an exchange')
  return { parameters, time, telemetry }
}
