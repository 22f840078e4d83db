import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { Overview } from '../../../src/devices/registry/overview.ts'
import { FakeAccounts } from '../../support/fake-accounts.ts'
import { address, OTHER, SERIAL, setUp, stored } from './rig.ts'

t.test('starts with what it remembers and what the settings name', async (t) => {
  const { clock, registry, located, saved } = setUp({
    stored: [stored],
    configured: [
      { serial: SERIAL, host: null, port: 80, name: 'Bath' },
      { serial: OTHER, host: '127.0.0.9', port: 80, name: null },
    ],
  })
  registry.start()
  t.match(registry.get(SERIAL), { name: 'Bath', address: { port: 8023 }, sources: ['account:home', 'config'] })
  t.match(registry.get(OTHER), { address: { host: '127.0.0.9' }, sources: ['config'] })
  t.same(located, [`${SERIAL} 127.0.0.1:8023`, `${OTHER} 127.0.0.9:80`])
  await clock.advance(300)
  t.equal(saved.length, 1, 'one commit for all that was learned')
  t.equal(registry.get(SERIAL)?.online, true)
  await registry.stop()
})

t.test('an account names devices; what it no longer lists it loses as a source', async (t) => {
  const { registry } = setUp({ configured: [{ serial: OTHER, host: null, port: 80, name: 'Mine' }] })
  registry.start()
  await registry.accountLists('home', [
    { serial: SERIAL, name: 'Kitchen' },
    { serial: OTHER, name: 'Theirs' },
  ])
  t.match(registry.get(SERIAL), { name: 'Kitchen', online: false, address: null, sources: ['account:home'] })
  t.equal(registry.get(OTHER)?.name, 'Mine', 'the settings win')
  await registry.accountLists('home', [{ serial: OTHER, name: null }])
  t.same(registry.get(SERIAL)?.sources, [], 'still known, until told to forget it')
  await registry.accountLists('summer house', [{ serial: SERIAL, name: null }])
  t.equal(registry.get(SERIAL)?.name, 'Kitchen')
  await registry.stop()
})

t.test('discovery finds, moves and confirms', async (t) => {
  const { clock, registry, events, links } = setUp()
  registry.found(SERIAL, address, 'ax')
  await clock.advance(0)
  t.match(events, [{ type: 'device_found', serial: SERIAL }])
  registry.found(SERIAL, address, 'ax')
  t.equal(events.length, 1, 'the same place is no news')
  const link = links.get(SERIAL)
  if (!link) return t.fail('no link')
  link.error = new BridgeError('DEVICE_UNREACHABLE', 'Nothing is there.')
  registry.found(SERIAL, { host: '127.0.0.7', port: 80 }, null)
  await clock.advance(5_000)
  link.error = null
  t.match(events[1], { type: 'address_changed', message: /moved from 127.0.0.1 to 127.0.0.7:80/ })
  t.equal(links.get(SERIAL)?.address.host, '127.0.0.7')
  registry.alive({ serial: SERIAL, hw: 'ax', connection: null, wifi: null, cloud: null })
  registry.alive({ serial: OTHER, hw: 'ax', connection: null, wifi: null, cloud: null })
  t.equal(registry.get(OTHER), undefined, 'a beacon alone makes no device')
  await registry.accountLists('home', [{ serial: OTHER, name: 'Hall' }])
  registry.found(OTHER, address, null)
  registry.alive({ serial: OTHER, hw: 'az', connection: null, wifi: null, cloud: null })
  t.equal(registry.get(OTHER)?.hw, 'az')
  t.match(events.at(-1), { type: 'device_found', serial: OTHER }, 'one that only the cloud listed is found, not moved')
  await registry.stop()
})

t.test('commands and actions reach the device; refusals say what to do', async (t) => {
  const { clock, registry, links } = setUp()
  await t.rejects(registry.set(OTHER, { mode: 'off' }), { code: 'UNKNOWN_DEVICE' })
  await t.rejects(registry.refresh(OTHER), { code: 'UNKNOWN_DEVICE' })
  await t.rejects(registry.action(OTHER, 'blink'), { code: 'UNKNOWN_DEVICE' })
  registry.found(SERIAL, address, 'ax')
  await clock.advance(0)
  t.match(await registry.set(SERIAL, { brightness: 2 }), { state: { brightness: 2 } })
  await registry.action(SERIAL, 'blink')
  const link = links.get(SERIAL)
  if (!link) return t.fail('no link')
  link.error = new BridgeError('KEY_MISSING', 'locked')
  await t.rejects(registry.set(SERIAL, { brightness: 3 }), { code: 'LAN_LOCKED' }, 'no account lists it')
  await t.rejects(registry.action(SERIAL, 'reset_parameters'), { code: 'LAN_LOCKED' })
  await registry.accountLists('home', [{ serial: SERIAL, name: null }])
  await t.rejects(registry.set(SERIAL, { brightness: 3 }), { code: 'KEY_MISSING' }, 'its key may still come')
  await registry.stop()
})

t.test('a device that is forgotten is gone, and comes back when an account lists it', async (t) => {
  const { clock, registry, events, links, saved, forgotten } = setUp()
  registry.found(SERIAL, address, 'ax')
  await registry.accountLists('home', [{ serial: SERIAL, name: 'Bathroom' }])
  await clock.advance(1_000)
  const removed: string[] = []
  registry.events.on('removed', ({ serial }) => removed.push(serial))
  const link = links.get(SERIAL)
  if (!link) return t.fail('no link')
  const late = registry.refresh(SERIAL)
  const before = saved.length
  await registry.forget(SERIAL)
  t.same(removed, [SERIAL])
  t.match(events.at(-1), {
    type: 'device_forgotten',
    serial: SERIAL,
    message: 'Bathroom and its keys were forgotten. It comes back at the next sync while home lists it.',
  })
  t.equal(link.stopped, true)
  t.equal(registry.get(SERIAL), undefined)
  await t.rejects(registry.forget(SERIAL), { code: 'UNKNOWN_DEVICE' })
  // What was under way ends without anybody hearing of it.
  const shown: string[] = []
  for (const name of ['state', 'device', 'availability', 'schedule'] as const) {
    registry.events.on(name, ({ serial }) => shown.push(serial))
  }
  await late.catch(() => undefined)
  await clock.advance(60_000)
  t.same(shown, [])
  t.same(forgotten, [SERIAL])
  t.same(saved.length, before)

  await registry.accountLists('home', [{ serial: SERIAL, name: 'Bathroom' }])
  t.match(registry.get(SERIAL), { name: 'Bathroom', online: false, address: null })
  await registry.stop()
})

t.test('a device of the settings is not forgotten', async (t) => {
  const { registry } = setUp({ configured: [{ serial: SERIAL, host: null, port: 80, name: 'Hall' }] })
  registry.start()
  await t.rejects(registry.forget(SERIAL), { code: 'BAD_REQUEST', message: /^Hall is in the settings/ })
  t.ok(registry.get(SERIAL))
  await registry.stop()
})

t.test('a listener that fails keeps nothing from working', async (t) => {
  const { clock, registry } = setUp()
  registry.events.on('state', () => {
    throw new Error('a bug')
  })
  registry.found(SERIAL, address, 'ax')
  await clock.advance(0)
  t.equal(registry.get(SERIAL)?.online, true)
  await registry.stop()
})

t.test('the bridge as a whole', async (t) => {
  const { clock, registry } = setUp()
  registry.found(SERIAL, address, 'ax')
  await registry.accountLists('home', [{ serial: OTHER, name: null }])
  await clock.advance(0)
  let restarted = 0
  const overview = new Overview({
    clock,
    version: '1.2.3',
    devices: registry,
    accounts: new FakeAccounts(),
    restart: () => restarted++,
  })
  t.match(overview.info(), { version: '1.2.3', started: '2026-01-15T12:00:00.000Z', devices: { total: 2, online: 1 } })
  const search = overview.discover()
  await clock.advance(3_000)
  t.same(await search, { devices: 2 })
  await overview.restart()
  t.equal(restarted, 0, 'answered first')
  await clock.advance(1_000)
  t.equal(restarted, 1)
  await registry.stop()
})

t.test('a disk that takes nothing ends nothing: told once, and all is remembered later', async (t) => {
  const { clock, registry, disk, saved, lines } = setUp()
  disk.error = new BridgeError('INTERNAL', 'The disk is full.')
  registry.found(SERIAL, address, 'ax')
  await clock.advance(1_000)
  registry.found(OTHER, { host: '127.0.0.2', port: 80 }, 'ax')
  await clock.advance(130_000)
  t.same(saved, [])
  t.match(
    lines.filter(({ level }) => level === 'error'),
    [{ msg: /can’t be saved now/ }],
  )
  t.match(await registry.set(SERIAL, { brightness: 3 }), { state: { brightness: 3 } }, 'commands go on')
  disk.error = null
  await clock.advance(60_000)
  t.same(
    saved
      .flat()
      .map(({ serial }) => serial)
      .sort(),
    [SERIAL, OTHER].sort(),
  )
  disk.error = new BridgeError('INTERNAL', 'The disk is full.')
  await registry.accountLists('home', [{ serial: SERIAL, name: 'Bath' }])
  await registry.stop()
  t.equal(lines.filter(({ level }) => level === 'error').length, 2, 'stopping is kept from nothing either')
  t.equal(clock.waiting, 0)
})

t.test('one host can not make up as many thermostats as it likes', async (t) => {
  const { registry } = setUp()
  const at = (host: string, count: number) => {
    for (let i = 0; i < count; i++) registry.found(`MADEUP${host.at(-1)}${i}`, { host, port: 80 }, 'ax')
  }
  at('192.0.2.1', 50)
  t.equal(registry.list().length, 3)
  registry.found('MADEUP10', { host: '192.0.2.9', port: 80 }, 'ax')
  t.equal(registry.list().length, 3, 'one that is known is still believed')
  at('192.0.2.2', 1)
  t.equal(registry.list().length, 4)
  await registry.accountLists('home', [{ serial: 'MADEUP140', name: null }])
  registry.found('MADEUP140', { host: '192.0.2.1', port: 80 }, 'ax')
  t.ok(registry.get('MADEUP140'), 'one that an account names as well')
})
