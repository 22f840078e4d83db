import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { createLogger } from '../../src/core/logger.ts'
import { SecretValues } from '../../src/core/secrets.ts'
import type { NameMemory } from '../../src/devices/names.ts'
import type { NewsMemory } from '../../src/devices/news.ts'
import { Overview } from '../../src/devices/overview.ts'
import type { BridgeEvent, StoredDevice } from '../../src/devices/ports.ts'
import { type ConfiguredDevice, Registry } from '../../src/devices/registry.ts'
import { FakeAccounts } from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeLink } from './support.ts'

const SERIAL = '058016000543464839373520000159'
const OTHER = '404CCAAAD4E8A89860609800000149'
const address = { host: '127.0.0.1', port: 80 }

interface SetUp {
  readonly stored?: StoredDevice[]
  readonly configured?: ConfiguredDevice[]
  readonly names?: NameMemory
  readonly news?: NewsMemory
}

function setUp(options: SetUp = {}) {
  const clock = new FakeClock()
  const links = new Map<string, FakeLink>()
  const saved: StoredDevice[][] = []
  const events: BridgeEvent[] = []
  const located: string[] = []
  const forgotten: string[] = []
  const disk: { error: BridgeError | null } = { error: null }
  const lines: { level: string; msg: string }[] = []
  const write = (line: string) => lines.push(JSON.parse(line))
  const registry = new Registry({
    clock,
    random: () => 0.5,
    logger: createLogger({ level: 'trace', secrets: new SecretValues(), write }),
    memory: {
      load: () => options.stored ?? [],
      save: (...devices) => {
        if (disk.error) throw disk.error
        saved.push([...devices])
      },
      forget: (serial) => forgotten.push(serial),
    },
    keys: { get: () => ({ key: 'x', source: 'home', since: 0 }), refresh: async () => false },
    configured: options.configured ?? [],
    ...(options.names ? { names: options.names } : {}),
    // The clock of the fixture is wrong.
    news: options.news ?? { faultsTold: () => new Map([['clock_fault', true]]) },
    pollInterval: 15_000,
    onLocated: (serial, { host, port }) => located.push(`${serial} ${host}:${port}`),
    connect: (where, owner) => {
      const link = new FakeLink('ax')
      link.setAddress(where)
      links.set(owner.serial, link)
      return link
    },
  })
  registry.events.on('event', (event) => events.push(event))
  return { clock, links, saved, disk, lines, events, located, forgotten, registry }
}

const stored: StoredDevice = {
  serial: SERIAL,
  hw: 'ax',
  name: 'Bathroom',
  host: '127.0.0.1',
  port: 8023,
  counterBase: 'unix',
  learned: {},
  features: ['load'],
  sources: ['account:home'],
}

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
  registry.accountLists('home', [
    { serial: SERIAL, name: 'Kitchen' },
    { serial: OTHER, name: 'Theirs' },
  ])
  t.match(registry.get(SERIAL), { name: 'Kitchen', online: false, address: null, sources: ['account:home'] })
  t.equal(registry.get(OTHER)?.name, 'Mine', 'the settings win')
  registry.accountLists('home', [{ serial: OTHER, name: null }])
  t.same(registry.get(SERIAL)?.sources, [], 'still known, until told to forget it')
  registry.accountLists('summer house', [{ serial: SERIAL, name: null }])
  t.equal(registry.get(SERIAL)?.name, 'Kitchen')
  await registry.stop()
})

t.test('discovery finds, moves and confirms', async (t) => {
  const { clock, registry, events, links } = setUp()
  registry.found(SERIAL, address, 'ax')
  await clock.advance(0)
  t.match(events, [{ type: 'device_found', serial: SERIAL }, { type: 'device_online' }])
  registry.found(SERIAL, address, 'ax')
  t.equal(events.length, 2, 'the same place is no news')
  registry.found(SERIAL, { host: '127.0.0.7', port: 80 }, null)
  t.match(events[2], { type: 'address_changed', message: /moved from 127.0.0.1 to 127.0.0.7:80/ })
  t.equal(links.get(SERIAL)?.address.host, '127.0.0.7')
  registry.alive({ serial: SERIAL, hw: 'ax', connection: null, wifi: null, cloud: null })
  registry.alive({ serial: OTHER, hw: 'ax', connection: null, wifi: null, cloud: null })
  t.equal(registry.get(OTHER), undefined, 'a beacon alone makes no device')
  registry.accountLists('home', [{ serial: OTHER, name: 'Hall' }])
  registry.found(OTHER, address, null)
  registry.alive({ serial: OTHER, hw: 'az', connection: null, wifi: null, cloud: null })
  t.equal(registry.get(OTHER)?.hw, 'az')
  t.match(events.at(-1), { type: 'device_found', serial: OTHER }, 'one that only the cloud listed is found, not moved')
  await registry.stop()
})

t.test('offline and online are told once each', async (t) => {
  const { clock, registry, events, links } = setUp()
  registry.found(SERIAL, address, 'ax')
  await clock.advance(0)
  const link = links.get(SERIAL)
  if (!link) return t.fail('no link')
  link.error = new BridgeError('DEVICE_TIMEOUT', 'It is silent.')
  await clock.advance(200_000)
  t.match(events.slice(2), [{ type: 'device_offline', message: /does not answer. It is silent./ }])
  link.error = null
  t.match(await registry.refresh(SERIAL), { online: true })
  t.match(events.slice(3), [{ type: 'device_online' }])
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
  registry.accountLists('home', [{ serial: SERIAL, name: null }])
  await t.rejects(registry.set(SERIAL, { brightness: 3 }), { code: 'KEY_MISSING' }, 'its key may still come')
  await registry.stop()
})

t.test('a new key and the states of accounts are told', async (t) => {
  const { registry, events } = setUp()
  registry.keyChanged(SERIAL, 'home')
  t.match(events, [{ type: 'key_changed', serial: SERIAL, account: 'home' }])
  const account = { id: 'home', provider: 'terneo', devices: 0, last_sync: null }
  registry.accountChanged({ ...account, state: 'ready', error: null })
  registry.accountChanged({ ...account, state: 'ready', devices: 3, error: null })
  registry.accountChanged({
    ...account,
    state: 'auth_failed',
    error: { code: 'CLOUD_AUTH', message: 'Wrong password.' },
  })
  t.same(
    events.slice(1).map(({ message }) => message),
    ['Account home is ready.', 'Account home is auth_failed. Wrong password.'],
  )
  await registry.stop()
})

t.test('a lock that changes is told, the first one seen is not', async (t) => {
  const { clock, registry, events, links } = setUp()
  registry.found(SERIAL, address, 'ax')
  await clock.advance(0)
  const link = links.get(SERIAL)
  if (!link) return t.fail('no link')
  t.notOk(events.some(({ type }) => type === 'lock_changed'))
  link.telemetry = { ...link.telemetry, fields: new Map([...link.telemetry.fields, ['m.3', '3']]) }
  await registry.refresh(SERIAL)
  t.match(events.at(-1), {
    type: 'lock_changed',
    message: /only its own keys/,
    details: { before: 'lan', lock: 'both' },
  })
  await registry.refresh(SERIAL)
  t.equal(events.filter(({ type }) => type === 'lock_changed').length, 1)
  await registry.stop()
})

t.test(
  'faults are told once when they begin and when they end, also what happened while the bridge was away',
  async (t) => {
    const told = new Map([
      ['clock_fault', true],
      ['overheated', true],
      ['floor_sensor_shorted', true],
    ])
    const { clock, registry, events, links, lines } = setUp({ news: { faultsTold: () => told } })
    registry.found(SERIAL, address, 'ax')
    const show = async (fields: Readonly<Record<string, string>>) => {
      const link = links.get(SERIAL)
      if (!link) throw new Error('no link')
      link.telemetry = { ...link.telemetry, fields: new Map([...link.telemetry.fields, ...Object.entries(fields)]) }
      await registry.refresh(SERIAL)
      return events.splice(0).filter(({ type }) => type.startsWith('fault'))
    }
    const first = links.get(SERIAL)
    const already = ['f.9', 'f.12'].map((field) => [field, '1'] as const)
    if (first) first.telemetry = { ...first.telemetry, fields: new Map([...first.telemetry.fields, ...already]) }
    await clock.advance(0)
    t.match(
      await show({}),
      [
        { type: 'fault_ended', details: { fault: 'floor_sensor_shorted' } },
        { type: 'fault_began', details: { fault: 'overheat_protection_fault' } },
      ],
      'what happened while the bridge was away; that it is too hot was told before',
    )
    t.strictSame(await show({ 'f.3': '1', 'f.9': '0', 'f.12': '0' }).then((all) => all.slice(0, 2)), [
      {
        type: 'fault_began',
        serial: SERIAL,
        message: `${registry.get(SERIAL)?.name}: The floor sensor is broken or not connected.`,
        details: { fault: 'floor_sensor_missing', kind: 'sensor' },
      },
      {
        type: 'fault_ended',
        serial: SERIAL,
        message: `${registry.get(SERIAL)?.name}: “Overheated” is over.`,
        details: { fault: 'overheated', kind: 'overheating' },
      },
    ])
    t.ok(lines.find(({ msg }) => msg.includes('floor sensor is broken'))?.level === 'warn', 'in the log')
    t.strictSame(await show({}), [], 'each once')
    t.match(await show({ 'f.12': '1', 'f.3': '0' }), [
      { type: 'fault_ended', details: { fault: 'floor_sensor_missing' } },
      { type: 'fault_began', details: { fault: 'overheat_protection_fault', kind: 'other' } },
    ])
    await registry.stop()
  },
)

t.test('a device that is forgotten is gone, and comes back when an account lists it', async (t) => {
  const { clock, registry, events, links, saved, forgotten } = setUp()
  registry.found(SERIAL, address, 'ax')
  registry.accountLists('home', [{ serial: SERIAL, name: 'Bathroom' }])
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

  registry.accountLists('home', [{ serial: SERIAL, name: 'Bathroom' }])
  t.match(registry.get(SERIAL), { name: 'Bathroom', online: false, address: null })
  await registry.stop()
})

t.test('a device is named, and gets back the name it had', async (t) => {
  const given = new Map<string, string>()
  const names: NameMemory = {
    givenNames: () => new Map(given),
    giveName: (serial, name) => void (name === null ? given.delete(serial) : given.set(serial, name)),
  }
  const { registry, events } = setUp({ stored: [stored], names })
  registry.start()
  const told: string[] = []
  registry.events.on('device', ({ name }) => told.push(name))
  t.match(await registry.rename(SERIAL, ' <b>Ва\u0301нна</b> '), { name: '<b>Ва\u0301нна</b>', nameSource: 'given' })
  t.strictSame([...given], [[SERIAL, '<b>Ва\u0301нна</b>']])
  t.match(events.at(-1), { type: 'device_renamed', serial: SERIAL, details: { before: 'Bathroom' } })
  registry.accountLists('home', [{ serial: SERIAL, name: 'Bath of the account' }])
  t.equal(registry.get(SERIAL)?.name, '<b>Ва\u0301нна</b>', 'the account does not win')
  t.match(await registry.rename(SERIAL, null), { name: 'Bath of the account', nameSource: 'account' })
  t.equal(told.at(-1), 'Bath of the account')
  t.equal(given.size, 0)
  const bad = ['', '  ', 'x'.repeat(65), 'a\nb', 'a\u202eb', 'a\u0000', '\ud800', 7, undefined, {}, ['a']]
  for (const name of bad) await t.rejects(registry.rename(SERIAL, name), { code: 'BAD_REQUEST' }, JSON.stringify(name))
  await t.resolves(registry.rename(SERIAL, '👩‍🚒 '.repeat(1) + 'ж'.repeat(60)), 'characters are counted, not bytes')
  await t.rejects(registry.rename(OTHER, 'x'), { code: 'UNKNOWN_DEVICE' })

  const again = setUp({ stored: [stored], names })
  again.registry.start()
  t.equal(again.registry.get(SERIAL)?.nameSource, 'given', 'after a restart as well')
  await again.registry.forget(SERIAL)
  again.registry.accountLists('home', [{ serial: SERIAL, name: null }])
  t.match(again.registry.get(SERIAL), { name: /0580/, nameSource: 'default' }, 'forgotten with the device')
})

t.test('a name of the settings is fixed', async (t) => {
  const names: NameMemory = { givenNames: () => new Map([[SERIAL, 'given before']]), giveName: () => t.fail('kept') }
  const { registry } = setUp({
    stored: [stored],
    configured: [{ serial: SERIAL, name: 'Fixed', host: null, port: 80 }],
    names,
  })
  registry.start()
  t.match(registry.get(SERIAL), { name: 'Fixed', nameSource: 'settings' })
  await t.rejects(registry.rename(SERIAL, 'Other'), { code: 'BAD_REQUEST', message: /devices\[\]\.name of 0580/ })
  await t.rejects(registry.rename(SERIAL, null), { code: 'BAD_REQUEST' })
})

t.test('a device of the settings is not forgotten', async (t) => {
  const { registry } = setUp({ configured: [{ serial: SERIAL, host: null, port: 80, name: 'Hall' }] })
  registry.start()
  await t.rejects(registry.forget(SERIAL), { code: 'BAD_REQUEST', message: /^Hall is named by the settings/ })
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
  registry.accountLists('home', [{ serial: OTHER, name: null }])
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
    [{ msg: /cannot be remembered/ }],
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
  registry.accountLists('home', [{ serial: SERIAL, name: 'Bath' }])
  await registry.stop()
  t.equal(lines.filter(({ level }) => level === 'error').length, 2, 'stopping is kept from nothing either')
  t.equal(clock.waiting, 0)
})
