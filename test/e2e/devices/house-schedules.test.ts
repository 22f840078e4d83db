/** Schedules of a whole house: copied from one thermostat to others, exported to one file and brought back. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { COMMANDS } from '../../../src/commands/index.ts'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import { DAYS } from '../../../src/devices/ports.ts'
import { LARGEST_SCHEDULE_FILE } from '../../../src/devices/schedule/file.ts'
import { call, temporaryFolder } from '../../commands/support.ts'
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
import type { Teardown } from '../../support/simulator.ts'

async function running(t: Teardown, models: readonly string[]) {
  const house = await startHouse(t, { thermostats: models.map((model) => ({ model })), relays: [{ model: 'ms' }] })
  const relays = house.relays.map(({ serial, host, port }) => ({ serial, host, port }))
  const bridge = await startBridge(t, {
    settings: { cloud: { accounts: accountsOf(house) }, devices: [...devicesOf(house), ...relays] },
  })
  await bridge.online(...house.thermostats.map(({ serial }) => serial), ...relays.map(({ serial }) => serial))
  const units = models.map((_model, index) => unit(house, index))
  for (const [index, { serial }] of units.entries()) {
    await eventually(`the schedules of ${serial} are read`, async () => {
      const { body } = await bridge.rest('GET', `/api/v1/devices/${serial}/schedule`)
      return body.floor !== null && (models[index] !== 'oz' || body.air !== null)
    })
  }
  const [relay] = relays
  if (!relay) throw new Error('there is a relay')
  return { house, bridge, units, relay: relay.serial }
}

/** What is answered of one device. */
function of(body: JsonObject, serial: string): JsonObject {
  const found = Array.isArray(body.devices) ? body.devices.find((one) => isObject(one) && one.serial === serial) : null
  return isObject(found) ? found : {}
}

async function put(bridge: Bridge, text: string, query = '', type = 'application/yaml') {
  const { host, port } = bridge.addresses.api
  const login = await bridge.rest('POST', '/api/v1/login', { username: 'admin', password: ADMIN })
  const token = isObject(login.body.token) ? String(login.body.token.access) : ''
  const response = await fetch(`http://${host}:${port}/api/v1/schedules${query}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body: text,
  })
  const body: unknown = await response.json()
  return { status: response.status, body: isObject(body) ? body : {} }
}

const everyDay = (periods: readonly object[]) => Object.fromEntries(DAYS.map((day) => [day, periods]))

t.test('a schedule is copied to others, each of which says what it can not hold', async (t) => {
  const { house, bridge, units, relay } = await running(t, ['oz', 'ax', 'az', 'oz'])
  const [from, ax, az, twin] = units
  if (!from || !ax || !az || !twin) return t.fail('four thermostats')
  const path = `/api/v1/devices/${from.serial}/schedule`
  const day = [
    { time: '05:00', temperature: 23 },
    { time: '21:00', temperature: 'off' },
  ]
  t.match(await bridge.rest('PUT', path, { air: { tuesday: [{ time: '06:00', temperature: 21.5 }] } }), { status: 200 })
  t.match(await bridge.rest('PUT', path, { floor: everyDay([{ time: '05:00', temperature: 24 }]) }), { status: 200 })
  // Lower limits at the device itself, which its parameters tell.
  az.setLocally(26, 20)
  await bridge.mqtt.state(az.serial, (state) => state.floor_setpoint_max === 20)
  const writes = () => house.thermostats.map((one) => one.writes.length)
  const before = writes()
  const to = [ax.serial, az.serial, twin.serial, relay, 'NOBODY-1']

  const plan = await bridge.rest('POST', `${path}/copy`, { to, kind: 'floor', dry_run: true })
  t.match(plan, { status: 200, body: { ok: false, dry_run: true } })
  t.equal((of(plan.body, ax.serial).written as unknown[]).length, 7)
  t.match(of(plan.body, az.serial), { ok: false, written: [], error: { code: 'OUT_OF_RANGE' } })
  t.match(of(plan.body, relay), { ok: false, error: { code: 'UNKNOWN_KEY' } })
  t.match(of(plan.body, 'NOBODY-1'), { ok: false, name: null, error: { code: 'UNKNOWN_DEVICE' } })
  t.same(writes(), before, 'a dry run writes nothing')

  const done = await bridge.rest('POST', `${path}/copy`, { to, kind: 'floor' })
  t.match(of(done.body, ax.serial), { ok: true, error: null })
  t.same(ax.device.controller.floor.wire()['3'], [[300, 240]], 'it holds what the other holds')
  t.match(of(done.body, az.serial), { ok: false, written: [], error: { code: 'OUT_OF_RANGE' } })
  t.equal(az.writes.length, before[2], 'one that can not hold a day is sent none')
  const again = await bridge.rest('POST', `${path}/copy`, { to: [ax.serial.toLowerCase()], kind: 'floor' })
  t.match(of(again.body, ax.serial), { ok: true, written: [] })

  const both = await bridge.rest('POST', `${path}/copy`, { to: [ax.serial, twin.serial] })
  t.match(of(both.body, ax.serial), { ok: false, error: { code: 'UNKNOWN_KEY', message: /has no schedule "air"/ } })
  t.match(of(both.body, twin.serial), { ok: true })
  t.same(twin.device.controller.air.wire()['1'], [[360, 215]], 'tenths by the air')

  await bridge.rest('PUT', path, { floor: { monday: day } })
  const always = await bridge.rest('POST', `${path}/copy`, { to: [ax.serial], kind: 'floor' })
  t.match(of(always.body, ax.serial), { ok: false, error: { code: 'OUT_OF_RANGE', message: /on or off|not within/ } })
  t.match(await bridge.rest('POST', `${path}/copy`, { to: [from.serial.toLowerCase()] }), { status: 400 })
  t.match(await bridge.rest('POST', `/api/v1/devices/${relay}/schedule/copy`, { to: [ax.serial] }), { status: 400 })

  await ax.unplug()
  const gone = await bridge.rest('POST', `${path}/copy`, { to: [ax.serial, twin.serial], kind: 'air' })
  t.match(of(gone.body, twin.serial), { ok: true }, 'one that is away keeps no other from its own')
})

t.test('all schedules as one file: out, changed, and in again', async (t) => {
  const { bridge, units, relay } = await running(t, ['oz', 'ax'])
  const [oz, ax] = units
  if (!oz || !ax) return t.fail('two thermostats')
  const json = await bridge.rest('GET', '/api/v1/schedules')
  t.match(json.body, {
    version: 1,
    schedules: { [ax.serial]: { name: String, model: String, floor: { monday: [{}] } } },
  })
  t.notOk(isObject(json.body.schedules) && relay in json.body.schedules, 'a relay has none')
  const { text } = await bridge.rest('GET', '/api/v1/schedules?format=yaml')
  t.same(parse(text), json.body, 'the same as YAML')
  t.match(text, /^# The weekly schedules/)
  t.match(text, /\{ time: "06:00", temperature: 30 \}/, 'a period in a line')

  const file = json.body
  const entry = isObject(file.schedules) && isObject(file.schedules[ax.serial]) ? file.schedules[ax.serial] : {}
  const changed = {
    ...file,
    schedules: {
      [ax.serial.toLowerCase()]: {
        ...(isObject(entry) ? entry : {}),
        floor: { friday: [{ time: '7:00', temperature: 21.4 }] },
      },
      'ELSEWHERE-1': { floor: { friday: [{ time: '07:00', temperature: 21 }] } },
    },
  }
  const before = ax.writes.length
  const plan = await put(bridge, JSON.stringify(changed), '?dry_run=true', 'application/json')
  t.match(of(plan.body, ax.serial), {
    ok: true,
    written: [{ kind: 'floor', day: 'friday' }],
    rounded: { 'floor.friday.07:00': { asked: 21.4, set: 21 } },
  })
  t.match(of(plan.body, 'ELSEWHERE-1'), { ok: false, error: { code: 'UNKNOWN_DEVICE' } })
  t.equal(ax.writes.length, before)
  t.match(await put(bridge, JSON.stringify(changed)), { status: 200, body: { ok: false, dry_run: false } })
  t.same(ax.device.controller.floor.wire()['4'], [[420, 210]])
  t.match(await put(bridge, text), { status: 200, body: { ok: true } }, 'the export of before brings it back')
  t.not(JSON.stringify(ax.device.controller.floor.wire()['4']), '[[420,210]]')
})

t.test('files that are none', async (t) => {
  const { bridge, units } = await running(t, ['ax'])
  const [ax] = units
  if (!ax) return t.fail('a thermostat')
  const { serial } = ax
  const before = ax.writes.length
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
  for (const [one, two] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg']) bomb.push(`${two}: &${two} [${`*${one},`.repeat(10)}]`)
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      'from another house',
      'version: 1\nschedules:\n  OTHER-1: {floor: {monday: [{time: "06:00", temperature: 20}]}}',
      /another house/,
    ],
    ['an alias bomb', `${bomb.join('\n')}\nversion: 1\nschedules: *g`, /alias/],
    ['a tag', 'version: 1\nschedules: !!js/function "x"', /line 2/],
    ['half of it', 'version: 1\nschedules: {', /line 2/],
    ['two documents', 'version: 1\n---\nversion: 1', /second document/],
    [
      'a device twice',
      `version: 1\nschedules: {${serial}: {}, ${serial.toLowerCase()}: {}}`,
      /twice|alphabet|not a file/,
    ],
    ['something else', 'hello', /not a file of schedules/],
    ['a later version', 'version: 2\nschedules: {}', /version: 1/],
    ['no devices', 'version: 1\nschedules: {}', /contains no thermostat/],
    ['a serial that is none', 'version: 1\nschedules: {"../etc": {}}', /not a serial/],
    ['nothing', '', /Send the file|not a file/],
  ]
  for (const [name, text, reason] of cases) {
    const { status, body } = await put(bridge, text)
    t.match({ status, body }, { status: 400, body: { error: { code: 'BAD_REQUEST', message: reason } } }, name)
  }
  t.equal((await put(bridge, `# ${'x'.repeat(LARGEST_SCHEDULE_FILE)}`)).status, 413)
  const odd = `version: 1\nschedules: {${serial}: {floor: {monday: 5, friday: [{time: "07:00", temperature: 20}]}}}`
  t.match(of((await put(bridge, odd)).body, serial), { ok: false, error: { code: 'BAD_REQUEST' } })
  const proto = `version: 1\nschedules: {${serial}: {__proto__: {floor: {monday: []}}}}`
  t.match(of((await put(bridge, proto)).body, serial), { ok: false })
  t.equal(ax.writes.length, before, 'nothing was written')
})

t.test('the command line: export, dry run, import, by the running bridge', async (t) => {
  const { bridge, units } = await running(t, ['oz', 'ax', 'az', 'sx', 'old'])
  const [oz, ax] = units
  if (!oz || !ax) return t.fail('thermostats')
  const { broker } = bridge.addresses
  const env = { T2M_DATA_DIR: temporaryFolder(t), T2M_MQTT_URL: `mqtt://${broker?.host}:${broker?.port}` }
  const run = async (words: readonly string[], options: Readonly<Record<string, string>> = {}) => {
    const given = call({ words, options, env })
    const code = await (await COMMANDS.schedules())(given)
    return { code, text: given.terminal.text, errs: given.terminal.errs.join('\n') }
  }
  const path = join(bridge.dataDir, 'schedules.yaml')
  t.match(await run(['export'], { file: path }), { code: 0, text: /schedules of 5 thermostats are in/ })
  const text = await readFile(path, 'utf8')
  t.same(parse(text), (await bridge.rest('GET', '/api/v1/schedules')).body, 'as REST has it')
  await t.rejects(run(['export'], { file: path }), /exists already/)
  t.match((await run(['export'])).text, /^# The weekly schedules/)

  const other = join(bridge.dataDir, 'other.yaml')
  const friday = (degrees: number) => `{ floor: { friday: [{ time: "07:00", temperature: ${degrees} }] } }`
  await writeFile(other, `version: 1\nschedules:\n  "${ax.serial}": ${friday(21.4)}\n  "${oz.serial}": ${friday(99)}\n`)
  const before = ax.writes.length
  const plan = await run(['import'], { file: other, 'dry-run': '' })
  t.equal(plan.code, 1)
  t.match(plan.text, /would be written: friday by floor\n {2}floor\.friday\.07:00: 21\.4 °C is 21 °C there/)
  t.match(plan.text, /OUT_OF_RANGE/)
  t.match(plan.text, /Nothing was written: this was a dry run\./)
  t.equal(ax.writes.length, before)
  const done = await run(['import'], { file: other })
  t.match(done, { code: 1, text: /written and read back: friday by floor/, errs: /1 of 2 thermostats are not/ })
  t.same(ax.device.controller.floor.wire()['4'], [[420, 210]])
  t.match(await run(['import'], { file: path }), { code: 0 })
  await writeFile(other, `version: 1\nschedules:\n  "OTHER-1": ${friday(20)}\n`)
  t.match(await run(['import'], { file: other }), { code: 1, errs: /from another house/ })
  await t.rejects(run(['import']), /needs a file/)
  await t.rejects(run(['import'], { file: join(bridge.dataDir, 'none.yaml') }), /no such file/)
  await t.rejects(run(['export'], { 'dry-run': '' }), /is for schedules import/)
})
