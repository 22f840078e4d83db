import t from 'tap'
import type { JsonObject } from '../../../src/core/json.ts'
import type { VirtualHouse } from '../../../src/simulator/index.ts'
import { accountsOf, devicesOf, eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'

/** How often the clouds were asked for their device lists. */
const lists = (house: VirtualHouse) =>
  house.clouds.flatMap(({ requests }) => requests).filter(({ path }) => path.startsWith('/api/device/')).length

t.test('a device that was bound anew takes the command after its key was asked for once', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'oz' }] })
  const oz = unit(house)
  const bridge = await startBridge(t, {
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
  })
  await bridge.online(oz.serial)
  t.match(await bridge.mqtt.command(oz.serial, { mode: 'heat', target_temperature: 21 }), { ok: true })
  const before = lists(house)
  house.rebind(oz.serial)

  t.match(await bridge.mqtt.command(oz.serial, { target_temperature: 25 }), { ok: true })
  t.equal(oz.parameter(4), '250')
  t.match(await bridge.mqtt.event('key_changed', oz.serial), {
    account: 'welrok',
    message: /bound to its account again/,
  })
  t.equal(lists(house) - before, 1)
  t.match(await bridge.mqtt.command(oz.serial, { target_temperature: 26 }), { ok: true })
  t.equal(lists(house) - before, 1, 'the new key is kept')
  t.equal(bridge.mqtt.events('key_changed').length, 1)
})

t.test(
  'one that was bound to an account nobody knows: each cloud is asked once, and the result says what to do',
  async (t) => {
    const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
    const ax = unit(house)
    const bridge = await startBridge(t, {
      settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
    })
    await bridge.online(ax.serial)
    ax.rebind()
    const before = lists(house)
    const results = await Promise.all(
      [20, 21, 22].map((value) => bridge.mqtt.command(ax.serial, { brightness: value - 20 })),
    )
    t.match(results, Array(3).fill({ ok: false, error: { code: 'KEY_REJECTED', message: /another account/ } }))
    t.match(await bridge.patch(ax.serial, { brightness: 1 }), {
      status: 409,
      body: { error: { code: 'KEY_REJECTED' } },
    })
    t.equal(lists(house) - before, 2)
  },
)

const LOCKS = [
  { lock: 'none', keyed: undefined, keyless: undefined },
  { lock: 'cloud', keyed: undefined, keyless: undefined },
  { lock: 'lan', keyed: undefined, keyless: 'LAN_LOCKED' },
  { lock: 'both', keyed: 'LOCKED_BOTH', keyless: 'LOCKED_BOTH' },
] as const

const failure = (code: string | undefined): JsonObject =>
  code ? { ok: false, error: { code, message: /bLc/ } } : { ok: true }

t.test('the four locks, with a key and without', async (t) => {
  const models = ['ax', 'oz'] as const
  const house = await startHouse(t, {
    thermostats: LOCKS.flatMap(({ lock }, index) => [
      { model: models[index % 2] ?? 'ax', lock },
      { model: models[(index + 1) % 2] ?? 'ax', lock },
    ]),
  })
  const devices = house.thermostats.map(({ serial, host, port, key }, index) => ({
    serial,
    host,
    port,
    ...(index % 2 === 0 ? { totp_key: key } : {}),
  }))
  const bridge = await startBridge(t, { settings: { devices } })
  const states = await bridge.online(...house.thermostats.map(({ serial }) => serial))
  await Promise.all(
    LOCKS.map(async ({ lock, keyed, keyless }, index) => {
      t.equal(states[2 * index]?.lock, lock)
      t.equal(states[2 * index + 1]?.lock, lock)
      const [withKey, without] = [unit(house, 2 * index), unit(house, 2 * index + 1)]
      t.match(await bridge.mqtt.command(withKey.serial, { brightness: 3 }), failure(keyed), `${lock}, with a key`)
      t.match(await bridge.mqtt.command(without.serial, { brightness: 3 }), failure(keyless), `${lock}, without one`)
      t.equal(withKey.parameter(23) === '3', keyed === undefined)
      t.equal(without.parameter(23) === '3', keyless === undefined)
      t.ok(without.writes.every(({ signed }) => !signed))
    }),
  )

  const moved = unit(house, 0)
  for (const lock of ['lan', 'both', 'cloud', 'none'] as const) {
    moved.device.setLock(lock)
    await eventually(`the state shows the lock ${lock}`, () => bridge.mqtt.latestState(moved.serial).lock === lock)
    const code = lock === 'both' ? 'LOCKED_BOTH' : undefined
    t.match(await bridge.mqtt.command(moved.serial, { child_lock: lock === 'lan' }), failure(code), lock)
  }
})

t.test('a locked device that an account lists without its key', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const ax = unit(house)
  house.clouds[0]?.setDevices('house@terneo.example', [{ id: 1, sn: ax.serial, name: 'Hall', surprise: [{}] }])
  const bridge = await startBridge(t, {
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
  })
  await bridge.online(ax.serial)
  await eventually('the account lists it', async () => (await bridge.device(ax.serial)).name === 'Hall')
  const message = /the bridge has no key for it.*Add the cloud account/
  t.match(await bridge.mqtt.command(ax.serial, { mode: 'off' }), { ok: false, error: { code: 'KEY_MISSING', message } })
  t.match(await bridge.patch(ax.serial, { mode: 'off' }), { status: 409, body: { error: { code: 'KEY_MISSING' } } })
  t.equal(ax.writes.length, 0)
})

t.test('jumps of the wall clock change nothing', async (t) => {
  const house = await startHouse(t, {
    thermostats: [{ model: 'ax', counterBase: '2000', clockOffset: -4_000, clockDrift: 1.001 }],
  })
  const ax = unit(house)
  const clock = new FastClock()
  const bridge = await startBridge(t, {
    clock,
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
  })
  await bridge.online(ax.serial)
  for (const [index, days] of [400, -9_000, 3].entries()) {
    clock.jumpWall(days * 86_400_000)
    t.match(await bridge.mqtt.command(ax.serial, { brightness: 2 + index }), { ok: true }, `${days} days`)
    t.equal(ax.parameter(23), String(2 + index))
  }
  t.match(ax.writes, Array(3).fill({ signed: true, reason: '' }))
})
