/** A day without the internet, and the day after, over real sockets. */
import t from 'tap'
import { channelsOf } from '../../src/messages/channels.ts'
import { eventually } from '../support/eventually.ts'
import { began, ended, HOUR, MINUTE, rig, service } from './rig.ts'
import { mailServer, settingsOf } from './smtp.ts'

t.test(
  'Telegram and a mail server that are down for a day get everything once, in order, also over a restart',
  async (t) => {
    const telegram = await service(t, { status: 429, headers: { 'retry-after': '120' } })
    const mail = await mailServer(t, {
      recipients: (_to, tries) => (tries <= 2 ? '451 4.7.1 Greylisted, come back later' : undefined),
    })
    const channels = channelsOf(
      {
        ntfy: { topic_url: null, token: null },
        telegram: { token: '123456789:AAabcdefghijklmnopqrstuvwxyz', chat: '1' },
        email: { ...settingsOf(mail.port), to: ['owner@example.com'] },
        webhook: { hook_url: null, template: null },
      },
      telegram.url,
    )
    for (const { close } of [telegram, mail]) await close()

    const morning = rig(t, { channels })
    await morning.happen(began('not_warming'))
    await eventually('both were tried', () => morning.log.problems().length === 2)
    await morning.clock.advance(8 * HOUR)
    await morning.happen(began('too_warm'))
    await morning.clock.advance(4 * HOUR)
    t.strictSame(morning.messages.status, { waiting: 2, failing: ['telegram', 'email'] })
    t.match(
      morning.log.problems().map(({ msg }) => msg),
      [/over telegram\. It can't be reached/, /over email to owner@example\.com\. It can't be reached/],
      'said once for each',
    )
    morning.messages.stop()

    const { memory, clock } = morning
    const evening = rig(t, { channels, memory, clock })
    await clock.advance(12 * HOUR)
    await evening.happen(ended('too_warm'))
    for (const { open } of [telegram, mail]) await open()
    await clock.advance(HOUR)
    const refused = telegram.received.length
    t.ok(refused > 0, 'it was asked, and wants to be asked later')
    Object.assign(telegram.answer, { status: 200, headers: {} })
    await clock.advance(2 * HOUR)
    await eventually('nothing waits any more', async () => {
      await clock.advance(MINUTE)
      return evening.messages.status.waiting === 0
    })
    const happened = [
      /^(⚠️ )?Bathroom: not_warming began\. \(\d{4}-\d\d-\d\d \d\d:\d\d\)$/,
      /^(⚠️ )?Bathroom: too_warm began\. \(/,
      /^(✅ )?Bathroom: too_warm is over\. \(/,
    ]
    const told = telegram.received.slice(refused).map(({ body }) => String(JSON.parse(body).text))
    t.equal(told.length, happened.length)
    t.match(told, happened)
    t.match(
      mail.mails.map(({ text }) => text?.trim()),
      happened,
    )
    t.equal(mail.mails.length, happened.length)
    t.strictSame(evening.messages.status, { waiting: 0, failing: [] })
    t.match(
      evening.log.lines.flatMap(({ level, msg }) => (level === 'info' ? [msg] : [])).sort(),
      [/over email to owner@example\.com again/, /over telegram again/],
      'that they go out again is said once for each',
    )
  },
)
