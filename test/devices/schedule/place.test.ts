import fc from 'fast-check'
import t from 'tap'
import { DeviceTimes, type LocalTime } from '../../../src/devices/clock/times.ts'
import { periodsOf, placeIn } from '../../../src/devices/schedule/place.ts'
import { EPOCH_2000 } from '../../../src/protocol/epoch.ts'
import { factoryWeek } from '../support.ts'

const periods = periodsOf(factoryWeek)
const seconds = (iso: string) => Date.parse(`${iso}Z`) / 1000 - EPOCH_2000
const local = (iso: string, ahead = 0): LocalTime => ({ local: seconds(iso), ahead })
const iso = (value: number | null | undefined) =>
  typeof value === 'number' ? new Date((value + EPOCH_2000) * 1000).toISOString() : value

function where(times: readonly LocalTime[], number?: number, trusted = true) {
  const place = placeIn(periods, times, number, trusted)
  return (
    place && {
      period: `${place.period.day} ${place.period.time}`,
      next: `${place.next.day} ${place.next.time}`,
      at: iso(place.nextAt),
      agreed: place.agreed,
    }
  )
}

t.test('by the clock alone', async (t) => {
  // 2026-01-05 is a Monday.
  t.same(where([local('2026-01-05T07:59:59')]), {
    period: 'monday 06:00',
    next: 'monday 08:00',
    at: '2026-01-05T08:00:00.000Z',
    agreed: true,
  })
  t.match(where([local('2026-01-05T08:00:00')]), { period: 'monday 08:00', next: 'monday 17:00' })
  t.match(where([local('2026-01-05T00:00:00')]), {
    period: 'sunday 23:00',
    next: 'monday 06:00',
    at: '2026-01-05T06:00:00.000Z',
  })
  t.match(where([local('2026-01-11T23:30:00')]), {
    period: 'sunday 23:00',
    next: 'monday 06:00',
    at: '2026-01-12T06:00:00.000Z',
  })
  t.match(where([local('2026-01-05T07:00:00', 7200)]), { at: '2026-01-05T06:00:00.000Z' }, 'a zone is allowed for')
  t.match(where([local('2000-01-01T09:00:00')]), { period: 'saturday 08:00' }, 'where devices begin to count')
})

t.test('a week of one single period, and one that says nothing', async (t) => {
  const [only] = periods
  const place = placeIn(only ? [only] : [], [local('2026-01-05T07:00:00')], undefined, true)
  t.equal(iso(place?.nextAt), '2026-01-12T06:00:00.000Z')
  t.equal(placeIn([], [local('2026-01-05T07:00:00')], 0, true), null)
  t.equal(placeIn(periods, [], undefined, true), null)
  t.equal(placeIn(periods, [], 500, true), null)
})

t.test('the number of the period, in both ways of counting', async (t) => {
  const friday = [local('2026-01-09T09:00:00')]
  t.match(where(friday, 65), { period: 'friday 08:00', agreed: true }, '16 a day, as in the example of the documents')
  t.match(where(friday, 17), { period: 'friday 08:00', agreed: true }, 'one after another, as in the text')
  t.match(where([], 65), { period: 'friday 08:00', next: 'friday 17:00', at: null, agreed: true })
  t.match(where([], 13), { period: 'thursday 08:00', at: null })
})

t.test('the telemetry is a little older or newer than a change', async (t) => {
  t.match(where([local('2026-01-05T08:00:20')], 0), {
    period: 'monday 06:00',
    next: 'monday 08:00',
    at: '2026-01-05T08:00:00.000Z',
    agreed: true,
  })
  t.match(where([local('2026-01-05T07:59:40')], 1), { period: 'monday 08:00', next: 'monday 17:00', agreed: true })
})

t.test('clock and number do not agree', async (t) => {
  const times = [local('2026-01-05T09:00:00')]
  t.match(where(times, 2), { period: 'monday 17:00', next: 'monday 22:00', at: null, agreed: false })
  t.match(where(times, 2, false), { period: 'monday 08:00', at: '2026-01-05T17:00:00.000Z', agreed: false })
  t.match(where(times, 500), { period: 'monday 08:00', agreed: false }, 'a number of no period')
})

t.test('of several zones the one that fits the number', async (t) => {
  const times = [local('2026-01-05T05:30:00'), local('2026-01-05T07:30:00', 7200)]
  t.match(where(times, 0), { period: 'monday 06:00', at: '2026-01-05T06:00:00.000Z', agreed: true })
  t.match(where(times), { period: 'sunday 23:00' }, 'the likeliest, when nothing tells')
})

t.test('a device is where its number says, whatever the moment', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.boolean(), (moment, byDay) => {
      const time = { local: moment, ahead: 0 }
      const place = placeIn(periods, [time], undefined, true)
      if (!place || place.nextAt === null || place.nextAt <= moment || place.nextAt > moment + 7 * 86_400) return false
      const same = placeIn(periods, [time], byDay ? place.period.byDay : place.period.running, true)
      return same?.agreed === true && same.period === place.period && same.nextAt === place.nextAt
    }),
  )
})

t.test('what the local time of a device may be', async (t) => {
  const host = Date.UTC(2026, 0, 15, 12)
  const now = seconds('2026-01-15T12:00:00')
  t.same(
    new DeviceTimes(host, 0, { place: 2 }).locals,
    [{ local: now + 7200, ahead: 7200 }],
    'counts in UTC, tells its zone',
  )
  t.same(new DeviceTimes(host, 7205, { place: 2 }).locals, [{ local: now + 7205, ahead: 7200 }], 'counts in local time')
  t.same(new DeviceTimes(host, 7200, { host: () => 7200 }).locals, [{ local: now + 7200, ahead: 7200 }])
  const [first, ...guesses] = new DeviceTimes(host, 3).locals
  t.same(first, { local: now + 3, ahead: 0 })
  const zone = -new Date(host).getTimezoneOffset() * 60
  t.same(guesses, zone === 0 ? [] : [{ local: now + 3 + zone, ahead: zone }])
})

t.test('clocks that change before the next period, where the host is, and a zone elsewhere', async (t) => {
  const kyiv = (moment: number) => (moment >= Date.UTC(2026, 2, 29, 1) ? 10_800 : 7_200)
  const next = (ahead: number, zone: number | undefined) => {
    const times = new DeviceTimes(Date.UTC(2026, 2, 28, 21, 30), ahead, { place: zone, host: kyiv })
    const place = placeIn(periods, times.locals, undefined, true, (utc, now) => times.aheadThen(utc, now))
    return [place?.next.time, new Date(((place?.nextAt ?? 0) + EPOCH_2000) * 1000).toISOString().slice(0, 16)]
  }
  const [sunday] = periods.filter(({ day }) => day === 'sunday')
  t.same(
    [sunday?.time, next(7_200, undefined)],
    ['08:00', ['08:00', '2026-03-29T05:00']],
    'local time as the host has it',
  )
  t.same(next(0, 2), ['08:00', '2026-03-29T05:00'], 'a device that says the zone of the host')
  t.same(next(0, 5), ['08:00', '2026-03-29T03:00'], 'another zone')
})
