import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import type { DeviceMemory, StoredDevice } from '../../src/devices/ports.ts'
import { KEY, open, SERIAL } from './support.ts'

const device: StoredDevice = {
  serial: SERIAL,
  hw: 'az',
  name: 'Bath',
  firmware: '2.34',
  host: '192.168.1.7',
  port: 80,
  proven: { host: '192.168.1.6', port: 80 },
  counterBase: '2000',
  learned: { manualCode: 3 },
  features: ['load'],
  sources: ['beacon', 'account:home'],
}

t.test('devices are remembered, replaced and forgotten with their keys', async (t) => {
  const dir = t.testdir()
  const { store } = open(t, dir)
  const memory: DeviceMemory = store.devices
  const bare: StoredDevice = {
    ...device,
    serial: '0001',
    hw: null,
    name: null,
    host: null,
    port: null,
    proven: null,
    counterBase: null,
  }
  memory.save(device)
  memory.save(bare)
  store.keys.put('home', [{ serial: SERIAL, key: KEY }])
  memory.save({ ...device, name: 'Kitchen', learned: {} })
  store.close()
  const again = open(t, dir).store
  t.same(again.devices.load(), [bare, { ...device, name: 'Kitchen', learned: {} }])
  again.devices.forget(SERIAL)
  t.same(again.devices.load(), [bare])
  t.same(again.keys.all(), [])
})

t.test('a damaged field of a device costs that field alone', async (t) => {
  const { store } = open(t, t.testdir())
  store.devices.save(device)
  const other = new Database(store.path)
  other.exec(`UPDATE devices SET learned = '[1', features = '', sources = '{}'`)
  t.same(store.devices.load(), [{ ...device, learned: {}, features: [], sources: [] }])
  other.exec(`UPDATE devices SET learned = '{"a":1,"b":"x"}', sources = '["beacon",1]'`)
  t.same(store.devices.load(), [{ ...device, learned: { a: 1 }, features: [], sources: ['beacon'] }])
  other.close()
})

t.test('keys: one per serial and source, with when each was first seen and last accepted', async (t) => {
  const { store, clock } = open(t, t.testdir())
  const start = clock.now()
  t.same(store.keys.put('home', [{ serial: SERIAL, key: KEY }]), [{ serial: SERIAL, previous: false }])
  await clock.advance(1000)
  t.same(store.keys.put('home', [{ serial: SERIAL, key: KEY }]), [], 'the same key again changes nothing')
  t.same(store.keys.put('office', [{ serial: SERIAL, key: 'BBBBBBBBBBBBBBBB' }]), [{ serial: SERIAL, previous: false }])
  store.keys.accepted(SERIAL, KEY)
  t.same(store.keys.of(SERIAL), [
    { serial: SERIAL, source: 'home', key: KEY, firstSeen: start, lastAccepted: start + 1000 },
    { serial: SERIAL, source: 'office', key: 'BBBBBBBBBBBBBBBB', firstSeen: start + 1000, lastAccepted: null },
  ])
  await clock.advance(1000)
  t.same(store.keys.put('home', [{ serial: SERIAL, key: 'CCCCCCCCCCCCCCCC' }]), [{ serial: SERIAL, previous: true }])
  t.match(store.keys.of(SERIAL)[0], { key: 'CCCCCCCCCCCCCCCC', firstSeen: start + 2000, lastAccepted: null })
  t.same(store.keys.of('unknown'), [])
})

t.test('a session belongs to the service and user it was made for', async (t) => {
  const { store } = open(t, t.testdir())
  t.equal(store.sessions.get('home', 'one'), undefined)
  store.sessions.put('home', 'terneo', 'one', { token: 'first' })
  store.sessions.put('office', 'terneo', 'one', { token: 'office' })
  t.same(store.sessions.get('home', 'one'), { token: 'first' })
  t.equal(store.sessions.get('home', 'two'), undefined)
  store.sessions.put('home', 'terneo', 'two', null)
  t.equal(store.sessions.get('home', 'two'), null)
  store.sessions.delete('home')
  t.equal(store.sessions.get('home', 'two'), undefined)
  t.same(store.sessions.get('office', 'one'), { token: 'office' })
})

t.test('values, plain and secret', async (t) => {
  const { store, log } = open(t, t.testdir())
  t.equal(store.values.get('a'), undefined)
  store.values.set('a', '1')
  store.values.set('a', '2')
  t.equal(store.values.hasSecret('a'), false)
  store.values.setSecret('a', 'hidden value')
  t.equal(store.values.get('a'), '2')
  t.equal(store.values.getSecret('a'), 'hidden value')
  log.logger.info('hidden value')
  t.notMatch(log.text(), /hidden value/)
  store.values.delete('a')
  t.equal(store.values.get('a'), undefined)
  t.equal(store.values.getSecret('a'), undefined)
})

t.test('no secret is readable in the files', async (t) => {
  const dir = t.testdir()
  const { store } = open(t, dir)
  store.keys.put('home', [{ serial: SERIAL, key: KEY }])
  store.sessions.put('home', 'terneo', 'one', { token: '9573e6a8e24b025fafbaf81dc2eccbc09b94d187' })
  store.values.setSecret('admin', 'correct horse')
  const files = ['thermo2mqtt.db', 'thermo2mqtt.db-wal'].map((name) => readFileSync(join(dir, name), 'latin1')).join()
  t.match(files, SERIAL)
  for (const secret of [KEY, '9573e6a8', 'correct horse']) t.notOk(files.includes(secret))
})

t.test('a secret moved to another record is not opened, and told once', async (t) => {
  const { store, log } = open(t, t.testdir())
  store.keys.put('home', [
    { serial: 'A0001', key: KEY },
    { serial: 'B0001', key: 'BBBBBBBBBBBBBBBB' },
  ])
  const other = new Database(store.path)
  other.exec(`UPDATE device_keys SET key_sealed = (SELECT key_sealed FROM device_keys WHERE serial = 'A0001')`)
  other.close()
  // What others write is looked for once in a turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve))
  t.match(store.keys.all(), [{ serial: 'A0001', key: KEY }])
  t.same(store.keys.of('B0001'), [])
  t.match(log.problems(), [{ level: 'error', record: 'device_keys/B0001/home', msg: /damaged or was moved/ }])
  t.same(store.keys.put('home', [{ serial: 'B0001', key: KEY }]), [{ serial: 'B0001', previous: false }])
  t.match(store.keys.of('B0001'), [{ key: KEY }])
})

t.test('ten thousand keys are one commit, and all or none', async (t) => {
  const { store } = open(t, t.testdir())
  const keys = Array.from({ length: 10_000 }, (_, i) => ({ serial: `S${i + 1000}`, key: String(i).padStart(16, 'K') }))
  t.equal(store.keys.put('home', keys).length, 10_000)
  t.equal(store.keys.all().length, 10_000)
  const failing = function* () {
    yield { serial: 'NEW1', key: KEY }
    throw new Error('half-way')
  }
  t.throws(() => store.keys.put('home', failing()), { message: 'half-way' })
  t.same(store.keys.of('NEW1'), [])
})

t.test('a closed store says so in the words of the bridge', async (t) => {
  const { store } = open(t, t.testdir())
  store.close()
  store.close()
  t.throws(() => store.values.set('a', 'b'), { name: 'BridgeError', code: 'INTERNAL', message: /can’t be used/ })
  t.throws(() => store.keys.of(SERIAL), { name: 'BridgeError', code: 'INTERNAL' })
})
