/** A store that is full, read-only, locked or damaged under a running bridge. */
import { closeSync, fstatSync, openSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { copiesOf } from '../../../src/store/copies/index.ts'
import {
  ADMIN,
  accountsOf,
  type Bridge,
  devicesOf,
  eventually,
  startBridge,
  startHouse,
  unit,
} from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { refuseJournal } from '../../support/unwritable.ts'

/** The connections that are opened from now on: some faults can only be had on the bridge's own. */
function connections(t: Test): ReadonlySet<Database.Database> {
  const seen = new Set<Database.Database>()
  const { pragma } = Database.prototype
  Database.prototype.pragma = function (this: Database.Database, source, options) {
    seen.add(this)
    return pragma.call(this, source, options)
  }
  t.teardown(() => {
    Database.prototype.pragma = pragma
  })
  return seen
}

async function start(t: Test, clock = new FastClock()) {
  const opened = connections(t)
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const { serial } = unit(house)
  const settings = { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) }
  const bridge = await startBridge(t, { clock, settings })
  await bridge.online(serial)
  // Somebody has signed in.
  t.equal((await bridge.rest('GET', '/api/v1/me')).status, 200)
  const path = join(bridge.dataDir, 'thermo2mqtt.db')
  const own = () => [...opened].find((db) => db.name === path && db.open)
  return { bridge, serial, settings, path, own }
}

/** Without signing in, which asks the store. */
const ready = (bridge: Bridge) => bridge.rest('GET', '/readyz', undefined, null)

/** Everything that tells of the store says the same, and thermostats are controlled all the same. */
async function livesWith(t: Test, { bridge, serial }: Awaited<ReturnType<typeof start>>, problem: string) {
  let sent = 0
  // Until something had to be remembered: the audit log has each of these.
  await eventually(`it is known to be ${problem}`, async () => {
    await bridge.patch(serial, { brightness: (sent++ % 9) + 1 }).catch(() => undefined)
    return (await ready(bridge)).status === 503
  })
  t.match((await ready(bridge)).body, {
    ready: false,
    checks: {
      store: { ok: false, code: `store_${problem}`, detail: /still controlled\. [A-Z]/ },
      mqtt: { ok: true },
    },
  })
  t.equal((await bridge.rest('GET', '/healthz', undefined, null)).status, 200, 'it works on')
  const told = await bridge.mqtt.next('bridge/event', (text) => text.includes(`"problem":"${problem}"`))
  t.match(parseJson(told), { type: 'store_state' })
  const from = bridge.mqtt.mark
  bridge.mqtt.publish(`${serial}/set`, JSON.stringify({ brightness: 9, transaction: problem }))
  const result = parseJson(await bridge.mqtt.next(`${serial}/result`, (text) => text.includes(problem), from))
  t.match(result, { ok: true }, 'a command over MQTT does what it says')
}

/** What only those see who have signed in, before that happened. */
async function tellsInside(t: Test, bridge: Bridge, problem: string) {
  t.match((await bridge.rest('GET', '/api/v1/info')).body.store, { ok: false, problem })
  t.match((await bridge.rest('GET', '/metrics')).text, `thermo2mqtt_store_problem{problem="${problem}"} 1`)
}

const recovers = (bridge: Bridge) =>
  eventually('it is ready again, without anybody doing anything', async () => (await ready(bridge)).status === 200)

t.test('full, read-only, and sound again: said everywhere, and control goes on', async (t) => {
  const scene = await start(t)
  const { bridge, own } = scene
  t.match((await ready(bridge)).body, { ready: true, checks: { store: { ok: true } } })
  const db = own()
  if (!db) return t.fail('the store is open')

  const most = Number(db.pragma('max_page_count', { simple: true }))
  db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true }))}`)
  await livesWith(t, scene, 'full')
  await tellsInside(t, bridge, 'full')
  db.pragma(`max_page_count = ${most}`)
  await recovers(bridge)

  db.pragma('query_only = ON')
  await livesWith(t, scene, 'read_only')
  await tellsInside(t, bridge, 'read_only')
  const signIn = await bridge.rest('POST', '/api/v1/login', { username: 'admin', password: ADMIN }, null)
  t.equal(signIn.status, 200, 'whoever comes to look can sign in')
  db.pragma('query_only = OFF')
  await recovers(bridge)
  t.equal(bridge.log.filter((line) => line.includes('"level":"error"') && line.includes('"problem"')).length, 2)
})

t.test('damaged: said everywhere, control goes on, and a new start goes on with the newest copy', async (t) => {
  const scene = await start(t)
  const { bridge, path, own, serial, settings } = scene
  const db = own()
  if (!db) return t.fail('the store is open')
  await eventually('there is a copy', () => copiesOf(path).length > 0)
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.pragma('cache_size = 0')
  db.pragma('mmap_size = 0')
  const file = openSync(path, 'r+')
  const size = fstatSync(file).size
  const junk = Buffer.alloc(4096, 0x5a)
  for (let at = 4096; at + 4096 <= size; at += 4096) writeSync(file, junk, 0, junk.length, at)
  closeSync(file)
  await livesWith(t, scene, 'damaged')
  await bridge.stop()
  const next = await startBridge(t, { dataDir: bridge.dataDir, settings })
  await next.online(serial)
  t.match((await ready(next)).body.checks, {
    store: { ok: false, code: 'store_replaced', since: /^20\d\d-/, detail: /missing/ },
  })
  const { text } = await next.rest('GET', '/api/v1/log')
  t.match(text, /store_state.*is missing/)
  t.equal(
    readdirSync(bridge.dataDir).filter((name) => /\.db\.corrupt-.*Z$/.test(name)).length,
    1,
    'the damaged one is kept',
  )
})

t.test(
  'read-only from the start on: the thermostats are there, and so is everything once it can be written',
  async (t) => {
    const { bridge: before, serial, settings } = await start(t)
    await before.stop()
    // Of the devices' keys and addresses, what is remembered is all there is.
    const writable = refuseJournal(t, 'SQLITE_READONLY')
    const bridge = await startBridge(t, { dataDir: before.dataDir, settings: { ...settings, devices: [] } })
    await bridge.online(serial)
    t.match((await ready(bridge)).body, { ready: false, checks: { store: { code: 'store_read_only' } } })
    t.match(await bridge.patch(serial, { brightness: 3 }), { status: 200 })
    await tellsInside(t, bridge, 'read_only')
    t.ok(bridge.log.some((line) => line.includes('"level":"error"') && line.includes('is read-only')))
    writable()
    await recovers(bridge)
    t.match(await bridge.rest('POST', '/api/v1/tokens', { name: 'kept', scopes: ['read'] }), { status: 201 })
  },
)

t.test('held by another program: said, and the bridge says goodbye all the same', async (t) => {
  // Each try waits for a second of real time.
  const { bridge, serial, path } = await start(t, new FastClock(4))
  const other = new Database(path)
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  // What the audit log is to remember.
  t.match(await bridge.patch(serial, { brightness: 3 }), { status: 200 })
  await eventually('it is not ready', async () => (await ready(bridge)).status === 503)
  const { checks } = (await ready(bridge)).body
  t.match(isObject(checks) && checks.store, { ok: false, code: 'store_busy', detail: /not saved/ })
  other.exec('ROLLBACK')
  t.match(await bridge.patch(serial, { brightness: 5 }), { status: 200 })
  await recovers(bridge)

  other.exec('BEGIN IMMEDIATE')
  const said = bridge.mqtt.next('bridge/state', (text) => text === 'offline', bridge.mqtt.mark)
  await bridge.stop()
  t.equal(await said, 'offline')
  other.exec('ROLLBACK')
})
