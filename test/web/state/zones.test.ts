/** Times of the house, looked at from elsewhere. */
import t from 'tap'
import { Texts } from '../../../src/web/i18n/index.ts'
import { nowAt } from '../../../src/web/state/card.ts'
import { spanOf } from '../../../src/web/state/history/view.ts'
import { device } from './page-rig.ts'

const HOUR = 3_600_000

async function textsOf(zone?: string): Promise<Texts> {
  const texts = await Texts.in('en', ['en-GB'])
  texts.zone.value = zone
  return texts
}

t.test('a local time stays as it is, and a moment is said by the clocks of the house', async (t) => {
  const now = '2026-01-15T12:00:00'
  for (const zone of [undefined, 'UTC', 'Europe/Kyiv', 'Pacific/Kiritimati', 'America/New_York']) {
    const texts = await textsOf(zone)
    t.equal(texts.moment('2026-01-15T18:00:00', { now }), '18:00', String(zone))
    t.match(texts.time('2026-03-29T03:30:00'), /^29 Mar 2026, 03:30$/, 'an hour that clocks skip in Kyiv')
  }
  const texts = await textsOf('Europe/Kyiv')
  t.equal(texts.moment('2026-01-15T22:30:00Z', { now }), 'Fri 00:30', 'it is tomorrow there')
  t.equal(texts.moment('2026-01-15T22:30:00Z', { now, zone: 'Etc/GMT-1' }), '23:30', 'a thermostat of another zone')
  t.equal(texts.local(Date.parse('2026-07-15T09:00:00Z')), '2026-07-15T12:00:00', 'in summer')
  t.equal(texts.local('2026-07-15T09:00:00+05:45'), '2026-07-15T06:15:00')
  t.match(texts.date('2026-01-31T22:00:00Z', 'month'), /^February 2026$/)
  t.equal(texts.tick(Date.parse('2026-01-15T22:00:00Z'), false), '16 Jan', 'midnight there')
  t.ok(texts.elsewhere)
})

t.test('a local time is a moment, also where clocks change', async (t) => {
  const { local, momentOf, ahead } = await textsOf('Europe/Kyiv')
  for (const time of ['2026-01-15T18:00:00', '2026-07-15T00:00:00', '2026-03-29T04:00:00', '2026-10-25T05:00:00'])
    t.equal(local(momentOf(time)), time)
  t.equal(ahead(momentOf('2026-07-15T00:00:00')), 3 * HOUR)
  const { from, to } = spanOf({ range: 'day', last: '2026-03-29' }, momentOf) ?? { from: 0, to: 0 }
  t.equal(from, Date.parse('2026-03-28T22:00:00Z') / 1000, 'a day begins as in the house')
  t.equal((to - from) / 3600, 23, 'and can be shorter')
})

t.test('until the house is known, and in a zone that the browser does not know, its own clocks go', async (t) => {
  const own = (at: string) => new Date(new Date(at).getTime() - new Date(at).getTimezoneOffset() * 60_000).toISOString()
  for (const zone of [undefined, 'Mars/Olympus']) {
    const texts = await textsOf(zone)
    t.equal(`${texts.local('2026-07-15T09:00:00Z')}.000Z`, own('2026-07-15T09:00:00Z'), String(zone))
    t.notOk(texts.elsewhere)
  }
})

t.test('now is what the own clock of a thermostat shows', async (t) => {
  const texts = await textsOf('Europe/Kyiv')
  const shown = (is: Parameters<typeof nowAt>[0]) => Date.parse(`${nowAt(is, texts)}Z`)
  const apart = (is: Parameters<typeof nowAt>[0]) => Math.round((shown(is) - shown(null)) / HOUR)
  t.equal(apart(device('A')), 0)
  t.equal(apart(device('A', { clock_offset: -7200 })), -2, 'a wrong clock')
  t.equal(apart(device('A', { clock_offset: null })), 0)
  const away = Math.round((texts.ahead(Date.now(), 'Pacific/Kiritimati') - texts.ahead(Date.now())) / HOUR)
  t.equal(apart({ ...device('A'), timezone: 'Pacific/Kiritimati' }), away)
})

t.test('what is no time is said as it is: a log says what somebody has asked for', async (t) => {
  const texts = await textsOf('Europe/Kyiv')
  for (const said of ['tomorrow', 'T99', '9999999-01-01T00:00:00', '+012026-01-01T00:00:00Z', '']) {
    t.equal(texts.time(said), said)
    t.equal(texts.moment(said), said)
  }
})
