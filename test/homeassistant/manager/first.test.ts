/** The first document of a device that was found before the accounts have said what they list. */
import t from 'tap'
import { exampleAccount } from '../../support/fake-accounts.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { DEVICE, setup } from './rig.ts'

const FOUND = { name: 'Terneo AX 10001E120000', nameSource: 'default', sources: ['beacon'] } as const
const NAMED = { name: 'Bathroom', nameSource: 'account', sources: ['beacon', 'account:home'] } as const

/** A fresh install: the account signs in while a device is found. */
async function fresh(views = [exampleAccount({ state: 'signed_out' })]) {
  const parts = setup()
  parts.accounts.views = views
  parts.homeAssistant.start()
  parts.mqtt.connect()
  parts.devices.add(exampleView('ax', FOUND))
  await parts.clock.advance(4_000)
  const account = (change: Parameters<typeof exampleAccount>[0]) => {
    parts.accounts.views = [exampleAccount(change)]
    parts.devices.events.emit('info', undefined)
  }
  const names = () => parts.mqtt.on(DEVICE).map(({ payload }) => /"device":\{.*?"name":"([^"]*)"/.exec(payload)?.[1])
  return { ...parts, account, names }
}

t.test('it has the name that its account gives it, and no document goes before that', async (t) => {
  const { devices, clock, account, names } = await fresh()
  t.same(names(), [])
  account({ state: 'signing_in' })
  await clock.advance(2_000)
  t.same(names(), [], 'still signing in')
  account({ state: 'ready', last_sync: '2026-01-15T12:00:06.000Z' })
  devices.update(EXAMPLE_SERIAL, NAMED)
  await clock.advance(120_000)
  t.same(names(), ['Bathroom'])
})

t.test('one that no account lists is announced as soon as that is known', async (t) => {
  const ends = {
    'a list without it': { state: 'ready', last_sync: '2026-01-15T12:00:06.000Z' },
    'a refused password': { state: 'auth_failed', error: { code: 'CLOUD_AUTH', message: 'No.' } },
    'a code that is needed': { state: 'code_needed' },
  } as const
  for (const [what, end] of Object.entries(ends)) {
    const { clock, account, names } = await fresh()
    t.same(names(), [], what)
    account(end)
    await clock.advance(1_500)
    t.same(names(), [FOUND.name], what)
  }
})

t.test('a cloud that does not answer is waited for ten seconds', async (t) => {
  const { clock, mqtt, names } = await fresh()
  await clock.advance(5_900)
  t.same(names(), [])
  await clock.advance(1_500)
  t.same(names(), [FOUND.name])
  mqtt.sent.length = 0
  await clock.advance(60_000)
  t.same(names(), [])
})

t.test('nothing waits without accounts, nor what an account listed before', async (t) => {
  t.same((await fresh([])).names(), [FOUND.name])
  const { accounts, devices, mqtt, clock, homeAssistant } = setup()
  accounts.views = [exampleAccount({ state: 'signed_out' })]
  devices.add(exampleView('ax', NAMED))
  homeAssistant.start()
  mqtt.connect()
  await clock.advance(2_000)
  t.equal(mqtt.on(DEVICE).length, 1)
  homeAssistant.stop()
  t.equal(clock.waiting, 0)
})
