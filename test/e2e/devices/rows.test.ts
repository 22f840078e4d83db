/**
 * Every row of every model, from the virtual device to MQTT, REST, Home Assistant, Homie and Wiren Board, and back: one house
 * with one of each, one bridge. What is wrong is collected, so that one look shows all of it.
 */
import t from 'tap'
import { datapointsOf, isMirror, type ParameterRow } from '../../../src/catalog/index.ts'
import { decodeValue } from '../../../src/protocol/values.ts'
import type { VirtualUnit } from '../../../src/simulator/index.ts'
import { startBridge, startHouse } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { missingTelemetry, plainRows, telemetryRounds, telemetryWith, valuesOf } from './rows.ts'
import { Broker, CHANNELS, modelOf, Walk } from './rows-walk.ts'

const host = (index: number) => `127.23.101.${10 + index}`
const THERMOSTATS = ['ax', 'sx', 'rx', 'bx', 'az', 'oz', 'old'] as const
const RELAYS = ['ms', 'd2w'] as const
async function start() {
  const port = await unusedPort(host(0))
  const quirks = { minSpacing: 0 }
  const house = await startHouse(t, {
    thermostats: THERMOSTATS.map((model, index) => ({
      model,
      host: host(index),
      port,
      quirks,
      airSensor: modelOf(model).vendor === 'Terneo',
      telemetryTime: true,
      wholeDocument: true,
    })),
    relays: RELAYS.map((model, index) => ({ model, host: host(THERMOSTATS.length + index), port, quirks })),
  })
  const bridge = await startBridge(t, {
    devicePort: port,
    settings: {
      // A figure of its own gives each its power, and so its energy.
      devices: house.units.map(({ serial, key }) => ({ serial, totp_key: key, power: 1500 })),
      discovery: { enabled: true },
      // The test says when.
      device: { poll_interval: '1h', min_spacing: '0ms', timeout: '1m' },
      homie: { enabled: true },
      wirenboard: { enabled: true },
      log: { level: 'info' },
    },
    clock: new FastClock(),
  })
  const { beacons } = bridge.addresses
  if (beacons === null) throw new Error('no beacons are heard')
  for (const unit of house.units) unit.startBeacons({ host: '127.0.0.1', port: beacons }, 2_000)
  return { house, bridge }
}

/** A raw value of a parameter, another in each round. */
function rawOf(row: ParameterRow, unit: VirtualUnit, round: number): number {
  const { scale } = row
  const tenths = unit.device.parameterList().some(([id, type]) => id === row.id && type === 3)
  switch (scale.as) {
    case 'boolean':
      return round % 2
    case 'enum': {
      const raws = Object.keys(scale.labels)
      return Number(raws[round % raws.length])
    }
    case 'time':
      return 900_000_000 + round
    case 'setpoint':
      return (tenths ? 10 : 1) * (21 + round)
    default:
      return round % 2 === 0 ? 7 : 23
  }
}

/** One of each set of rows goes through all labels of all enums; with the others, two of a field and four of a key have to do. */
const EVERY_LABEL = new Set(['ax', 'az', 'oz', 'ms', 'd2w'])

/** What follows from others at the device, and the locks, without which nothing could be set. */
const NOT_ALONE = new Set(['current_setpoint', 'lan_lock', 'cloud_lock'])

async function readsParameters(walk: Walk): Promise<void> {
  const { model, unit } = walk
  const rows = model.parameters.filter(({ id, key }) => unit.parameter(id) !== undefined && !NOT_ALONE.has(key))
  for (const row of model.parameters) {
    if (row.documents.includes(model.document) && unit.parameter(row.id) === undefined)
      walk.fail(`the unit lacks ${row.key}`)
  }
  const before = rows.map(({ id }) => [id, Number(unit.parameter(id))] as const)
  for (const round of [0, 1]) {
    for (const row of rows) unit.setLocally(row.id, rawOf(row, unit, round))
    await walk.read()
    const wanted = new Map(
      rows.map(({ id, key, scale, wire }) => {
        const type = unit.device.parameterList().find(([own]) => own === id)?.[1]
        return [key, decodeValue(scale, unit.parameter(id) ?? '', (type ?? wire) as typeof wire)]
      }),
    )
    await walk.shows('parameters', wanted)
  }
  for (const [id, value] of before) unit.setLocally(id, value)
  await walk.read()
}

async function readsTelemetry(walk: Walk): Promise<void> {
  const { model, unit } = walk
  for (const field of missingTelemetry(unit, model)) walk.fail(`the unit does not send ${field}`)
  const rounds = EVERY_LABEL.has(model.id) ? telemetryRounds(model) : 2
  for (let round = 0; round < rounds; round++) {
    const { raws, text } = telemetryWith(unit, model, round)
    unit.quirks.injectReplies.push({ on: 4, reply: { raw: text } })
    await walk.read()
    const rows = model.telemetry.filter((row) => !isMirror(row))
    const wanted = rows.map(
      (row) => [isMirror(row) ? '' : row.key, decodeValue(row.scale, raws.get(row.field) ?? '')] as const,
    )
    const shown = new Map(wanted)
    // A sensor that reports itself broken has no temperature, whatever stands in its place.
    for (const sensor of ['floor', 'air']) {
      const broken = [`${sensor}_sensor_missing`, `${sensor}_sensor_shorted`].some((fault) => shown.get(fault) === true)
      if (broken && shown.has(`${sensor}_temperature`)) shown.set(`${sensor}_temperature`, null)
    }
    await walk.shows('telemetry', shown)
  }
  await walk.read()
}

async function writesPlain(walk: Walk): Promise<void> {
  const rows = plainRows(walk.model, walk.unit)
  const all = rows.map((row) => [row, valuesOf(row, rows)] as const)
  const longest = EVERY_LABEL.has(walk.model.id) ? Math.max(...all.map(([, values]) => values.length)) : 0
  const rounds = Math.max(CHANNELS.length, longest)
  for (let round = 0; round < rounds; round++) {
    const changes = all.map(([row, values]) => [row, values[round % values.length]] as const)
    await walk.setsRows(CHANNELS[round % CHANNELS.length] ?? 'mqtt', changes)
  }
}

/** By floor and by air: the limits in force, and a step within them. */
async function writesSetpoints(walk: Walk): Promise<void> {
  const { model, unit } = walk
  const rows = model.parameters.filter(
    ({ id, access, limits }) => access === 'write' && (limits === 'floor' || limits === 'air') && unit.parameter(id),
  )
  if (rows.length === 0) return
  const has = (key: string) => model.parameters.some((row) => row.key === key && unit.parameter(row.id) !== undefined)
  const wide = { floor_setpoint_min: 6, floor_setpoint_max: 40, air_setpoint_min: 7, air_setpoint_max: 33 }
  await walk.commands(Object.fromEntries(Object.entries(wide).filter(([key]) => has(key))))
  for (const [index, at] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, -1],
  ].entries()) {
    const [end, step = 0] = at
    const values = rows.map((row) => {
      const limit = walk.state[`${row.limits}_setpoint_${end === 0 ? 'min' : 'max'}`] ?? (end === 0 ? 5 : 35)
      return [row, Number(limit) + step] as const
    })
    await walk.setsRows(CHANNELS[index] ?? 'mqtt', values)
  }
}

async function writesThermostat(walk: Walk): Promise<void> {
  const { model, state } = walk
  const writable = (key: string) => datapointsOf(model).some((row) => row.key === key && row.access === 'write')
  const pairs = [
    ['away_start', 'away_end', ''],
    ['away_start_utc', 'away_end_utc', 'Z'],
  ].filter(([start = '']) => writable(start))
  await walk.commands({ cooling: false })
  if (writable('control_type'))
    for (const type of ['air', 'air_floor_limits', 'floor']) await walk.commands({ control_type: type })
  await walk.commands({ program: 'manual' }, { program: 'manual', mode: 'heat' })
  await walk.commands({ target_temperature: 23 }, { target_temperature: 23, manual_floor_setpoint: 23 })
  await walk.commands({ power_off: true }, { power_off: true, mode: 'off' })
  await walk.commands({ power_off: false })
  await walk.commands({ mode: 'off' }, { mode: 'off', power_off: true })
  await walk.commands({ mode: 'heat' })
  await walk.commands({ mode: 'auto' }, { mode: 'auto', program: 'schedule' })
  for (const setpoint of [Number(state.floor_setpoint_min ?? 5), 24]) {
    await walk.commands(
      { temporary_setpoint: setpoint },
      { temporary_setpoint: setpoint, target_temperature: setpoint },
    )
  }
  await walk.commands({ target_temperature: 25 }, { target_temperature: 25, temporary_setpoint: 25 })
  if (writable('load_control')) {
    for (const how of ['always_on', 'always_off', 'by_setpoint']) await walk.commands({ load_control: how })
  }
  for (const minutes of [5, 1440, 60]) await walk.commands({ boost_minutes: minutes })
  await walk.commands({ preset: 'away' })
  await walk.commands({ preset: 'none' })
  await walk.commands({ preset: 'boost' })
  if (writable('timer_setpoint')) await walk.commands({ timer_setpoint: 27 })
  await walk.commands({ preset: 'none' })
  for (const [from = '', to = '', zone] of pairs) {
    await walk.commands({ [from]: `2031-05-06T07:08:09${zone}`, [to]: `2031-06-06T07:08:09${zone}` })
    await walk.commands({ preset: 'none' })
  }
  if (writable('timer_end')) await walk.commands({ timer_end: '2031-05-06T07:08:09Z' })
  await walk.commands({ preset: 'none' })
}

/** Both locks at once would end all commands, so they are tried apart. */
async function writesLocks(walk: Walk): Promise<void> {
  await walk.commands({ lan_lock: false }, { lan_lock: false, lock: 'none' })
  await walk.commands({ cloud_lock: true }, { cloud_lock: true, lock: 'cloud' })
  await walk.commands({ cloud_lock: false, lan_lock: true }, { cloud_lock: false, lan_lock: true, lock: 'lan' })
}

async function walkAll(walk: Walk): Promise<void> {
  await readsTelemetry(walk)
  await readsParameters(walk)
  await writesPlain(walk)
  await writesSetpoints(walk)
  if (walk.model.kind === 'thermostat') await writesThermostat(walk)
  else for (const on of [true, false, true]) await walk.commands({ relay: on })
  await writesLocks(walk)
  await walk.learned()
  await walk.shows('at the end', new Map())
}

t.test('every row of every model, on every way and back', async (t) => {
  const { house, bridge } = await start()
  await Promise.all(
    house.units.map(({ serial }) => bridge.mqtt.next(`${serial}/availability`, (text) => text === 'online')),
  )
  const broker = new Broker(bridge)
  const walks = house.units.map(
    (unit, index) => new Walk([...THERMOSTATS, ...RELAYS][index] ?? '', unit, bridge, broker),
  )
  const models = await Promise.all(walks.map(async ({ serial }) => (await bridge.device(serial)).model))
  t.strictSame(models, [...THERMOSTATS, ...RELAYS])
  await Promise.all(walks.map((walk) => walkAll(walk).catch((error: unknown) => walk.fail(String(error)))))
  t.strictSame(
    walks.flatMap(({ failures }) => failures),
    [],
  )
  t.strictSame(broker.homie.finish(), [])
  t.strictSame(broker.wirenboard.finish(), [])
})
