import fc from 'fast-check'
import t from 'tap'
import {
  deviceTimeToIso,
  isoToDeviceTime,
  LATEST_TIME,
  minutesToTime,
  timeToMinutes,
} from '../../src/protocol/epoch.ts'

t.test('the ends of the range', async (t) => {
  t.equal(deviceTimeToIso(0, 'utc'), '2000-01-01T00:00:00Z')
  t.equal(deviceTimeToIso(0, 'device'), '2000-01-01T00:00:00')
  t.equal(deviceTimeToIso(536112000, 'device'), '2016-12-27T00:00:00')
  t.equal(isoToDeviceTime('2136-02-07T06:28:15Z', 'utc'), LATEST_TIME)
  t.equal(isoToDeviceTime('2136-02-07T06:28:16Z', 'utc'), undefined)
  t.equal(isoToDeviceTime('1999-12-31T23:59:59Z', 'utc'), undefined)
})

t.test('the ways to write one moment', async (t) => {
  const moment = isoToDeviceTime('2026-01-15T10:30:00Z', 'utc')
  for (const text of [
    '2026-01-15T10:30',
    '2026-01-15 10:30:00',
    '2026-01-15T10:30:00.999',
    '2026-01-15 12:30+02:00',
    '2026-01-15T05:30:00-05:00',
  ]) {
    t.equal(isoToDeviceTime(text, 'utc'), moment, text)
  }
  t.equal(isoToDeviceTime('2026-01-15T10:30', 'device'), moment)
  t.equal(isoToDeviceTime('2026-01-15T10:30Z', 'device'), undefined, 'nobody knows the zone of the device')
})

t.test('no time', async (t) => {
  for (const text of [
    '',
    'now',
    '2026-01-15',
    '10:30',
    '2026-13-01T00:00',
    '2026-02-30T00:00',
    '2026-01-15T24:00',
    '2026-01-15T10:60',
    '2026-01-15T10:30+99:99',
    '2026-1-5T1:00',
    '99999-01-01T00:00',
  ]) {
    t.equal(isoToDeviceTime(text, 'utc'), undefined, text)
    t.equal(isoToDeviceTime(text, 'device'), undefined, text)
  }
})

t.test('every second and every minute of the day comes back as it was', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LATEST_TIME }), fc.constantFrom('device', 'utc'), (seconds, zone) => {
      return isoToDeviceTime(deviceTimeToIso(seconds, zone), zone) === seconds
    }),
  )
  for (let minute = 0; minute < 1440; minute++) {
    if (timeToMinutes(minutesToTime(minute)) !== minute) throw new Error(minutesToTime(minute))
  }
})

t.test('times of day', async (t) => {
  t.equal(timeToMinutes('6:05'), 365)
  t.equal(minutesToTime(1439), '23:59')
  for (const text of ['24:00', '12:60', '12', '1:2', '', ' 12:00', '12:00:00', '-1:00'])
    t.equal(timeToMinutes(text), undefined, text)
})
