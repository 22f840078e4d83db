/** The messages of a bridge, from its settings. */
import t, { type Test } from 'tap'
import { LazyMessages } from '../../src/app/messages.ts'
import type { Settings } from '../../src/config/index.ts'
import { EventBus } from '../../src/core/events.ts'
import type { DeviceEvents } from '../../src/devices/ports.ts'
import { load } from '../config/support.ts'
import { logBook, open } from '../store/support.ts'
import { began, service } from './rig.ts'

async function bridge(t: Test, change: (settings: Settings['messages']) => Settings['messages']) {
  const { clock, store } = open(t, t.testdir({}))
  const { settings } = await load({})
  const log = logBook()
  const events = new EventBus<DeviceEvents>(() => undefined)
  const messages = new LazyMessages({
    ...{ clock, logger: log.logger, events, store },
    settings: { ...settings, messages: change(settings.messages) },
  })
  await messages.start()
  t.teardown(() => messages.stop())
  return { clock, events, messages, log }
}

t.test('without a way for messages nothing listens, and a test says what to do', async (t) => {
  const { clock, messages, log } = await bridge(t, (settings) => settings)
  t.strictSame(messages.status, { enabled: false, waiting: 0, failing: [] })
  t.equal(clock.waiting, 0)
  await t.rejects(messages.test(), { code: 'BAD_REQUEST', message: /Set up ntfy, Telegram, e-mail or a webhook/ })
  t.strictSame(log.lines, [])
})

t.test('an event goes out as the settings say', async (t) => {
  const { url, received } = await service(t, { status: 200 })
  const { clock, events, messages } = await bridge(t, (settings) => ({
    ...settings,
    webhook: { hook_url: `${url}/hook`, template: '{"say":"{text}"}' },
  }))
  t.equal(messages.status.enabled, true)
  events.emit('event', began())
  await clock.advance(0)
  while (received.length === 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal(received[0]?.body, '{"say":"Bathroom: not_warming began."}')
  t.strictSame(await messages.test(), [{ channel: 'webhook', to: null, problem: null }])
})
