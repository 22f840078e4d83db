/** The catalog against the vendors' documents ("Parameters list", "Telemetry") and the published wire data. */
import t from 'tap'
import { isMirror, MODELS, type Model, modelOf } from '../../src/catalog/index.ts'
import { parseParameters } from '../../src/protocol/replies.ts'
import { fixture, object } from '../support/fixtures.ts'

/** id, wire type, vendor's name, as the tables print them. */
type Line = readonly [id: number, wire: number, vendor: string]

const AIR: readonly Line[] = [
  [4, 1, 'manualAir'],
  [6, 1, 'awayAirTemperature'],
  [14, 2, 'minTempAdvancedMode'],
  [15, 2, 'maxTempAdvancedMode'],
  [20, 1, 'airCorrection'],
  [33, 1, 'upperAirLimit'],
  [34, 1, 'lowerAirLimit'],
]

const FLOOR: readonly Line[] = [
  [0, 6, 'startAwayTime'],
  [1, 6, 'endAwayTime'],
  [2, 2, 'mode'],
  [3, 2, 'controlType'],
  [5, 1, 'manualFloorTemperature'],
  [7, 1, 'awayFloorTemperature'],
  [17, 4, 'power'],
  [18, 2, 'sensorType'],
  [19, 2, 'histeresis'],
  [21, 1, 'floorCorrection'],
  [23, 2, 'brightness'],
  [25, 2, 'propKoef'],
  [26, 1, 'upperLimit'],
  [27, 1, 'lowerLimit'],
  [28, 2, 'maxSchedulePeriod'],
  [29, 1, 'tempTemperature'],
  [31, 1, 'setTemperature'],
  [52, 4, 'nightBrightStart'],
  [53, 4, 'nightBrightEnd'],
  [109, 7, 'offButtonLock'],
  [114, 7, 'lanBlock'],
  [115, 7, 'cloudBlock'],
  [117, 7, 'NCContactControl'],
  [118, 7, 'coolingControlWay'],
  [120, 7, 'useNightBright'],
  [121, 7, 'preControl'],
  [124, 7, 'childrenLock'],
  [125, 7, 'powerOff'],
]

const WARNINGS: readonly Line[] = [
  [62, 1, 'upperWarningTemp'],
  [63, 1, 'lowerWarningTemp'],
]

const TOUCH: readonly Line[] = [
  [80, 1, 'buttonMinusCor'],
  [81, 1, 'buttonMenuCor'],
  [82, 1, 'buttonPlusCor'],
]

const WINDOW: Line = [122, 7, 'windowOpenControl']
const LOAD_TIME: Line = [55, 2, 'relayOnTimeLimit']

const OZ: readonly Line[] = [
  [35, 2, 'bleSensorInterval'],
  [36, 7, 'bleSensorsBind'],
  [64, 6, 'timerPeriod'],
  [65, 3, 'timerTemperature'],
  [66, 6, 'startAwayTimeUTC'],
  [67, 6, 'endAwayTimeUTC'],
]

const AZ: readonly Line[] = [...FLOOR, [6, 1, 'awayAirTemperature'], LOAD_TIME]

const DOCUMENTED: Readonly<Record<string, readonly Line[]>> = {
  ax: [...FLOOR, ...AIR, WINDOW],
  sx: [...FLOOR, ...AIR, WINDOW, ...WARNINGS, ...TOUCH, LOAD_TIME],
  rx: [...FLOOR, ...AIR, WINDOW],
  bx: [...FLOOR, ...AIR, WINDOW],
  unknown: [...FLOOR, ...AIR, WINDOW],
  az: AZ,
  old: [...AZ, ...TOUCH],
  oz: [...FLOOR, ...AIR, WINDOW, LOAD_TIME, ...WARNINGS, ...TOUCH, ...OZ],
}

/** The document of OZ prints int16 for its setpoints; its table says uint8 of 14 and 15, its published reply int8. */
const OZ_WIRE: Readonly<Record<number, number>> = { 4: 3, 5: 3, 6: 3, 7: 3, 14: 1, 15: 1, 29: 3, 31: 3 }

const READ_ONLY = [28, 31, 36, 55, 64, 109]

t.test('the models are those that are documented here', async (t) => {
  t.same(MODELS.map(({ id }) => id).sort(), Object.keys(DOCUMENTED).sort())
})

for (const model of MODELS) {
  t.test(`${model.id}: every documented parameter has its row`, async (t) => {
    for (const [id, wire, vendor] of DOCUMENTED[model.id] ?? []) {
      const row = model.parameters.find((candidate) => candidate.id === id)
      t.match(row, { vendor, wire: model.id === 'oz' ? (OZ_WIRE[id] ?? wire) : wire }, `${id} ${vendor}`)
    }
  })

  t.test(`${model.id}: what can be written`, async (t) => {
    const floorOnly = model.id === 'az' || model.id === 'old'
    const readOnly = model.parameters.filter(({ access }) => access === 'read').map(({ id }) => id)
    const ids = model.parameters.map(({ id }) => id)
    const expected = [...READ_ONLY, ...(floorOnly ? [3] : [])].filter((id) => ids.includes(id))
    t.same(readOnly.sort(), expected.sort())
  })
}

const scaleOf = (model: Model, id: number) => model.parameters.find((row) => row.id === id)?.scale

t.test('scales as the documents print them', async (t) => {
  for (const model of MODELS) {
    t.same(scaleOf(model, 2), { as: 'enum', labels: { 0: 'schedule', 1: 'manual', 3: 'manual' } })
    t.same(scaleOf(model, 3), { as: 'enum', labels: { 0: 'floor', 1: 'air', 2: 'air_floor_limits' } })
    t.equal(scaleOf(model, 17)?.as, 'load')
    const resistances = ['4.7 kΩ', '6.8 kΩ', '10 kΩ', '12 kΩ', '15 kΩ', '33 kΩ', '47 kΩ']
    t.same(scaleOf(model, 18), { as: 'enum', labels: { ...resistances } })
    for (const id of [19, 21]) t.same(scaleOf(model, id), { as: 'number', divide: 10 })
    for (const id of [5, 7, 29, 31]) t.equal(scaleOf(model, id)?.as, 'setpoint')
    for (const id of [52, 53]) t.equal(scaleOf(model, id)?.as, 'timeOfDay')
    for (const id of [0, 1]) t.match(scaleOf(model, id), { as: 'time', zone: 'device' })
    t.equal(model.parameters.find(({ id }) => id === 23)?.max, model.id === 'oz' ? 10 : 9, 'brightness')
    for (const id of [80, 81, 82])
      t.match(
        model.parameters.find((row) => row.id === id),
        { min: -30, max: 30 },
      )
  }
  const oz = modelOf('oz', new Map())
  for (const id of [64, 66, 67]) t.same(scaleOf(oz, id), { as: 'time', zone: 'utc', none: [0] })
  t.match(
    oz.parameters.find(({ id }) => id === 35),
    { min: 1, max: 60, unit: 'min' },
  )
})

/** Telemetry: field and key. */
type Field = readonly [field: string, key: string]

const SHARED_FIELDS: readonly Field[] = [
  ['t.0', 'device_temperature'],
  ['t.1', 'floor_temperature'],
  ['t.2', 'air_temperature'],
  ['t.5', 'setpoint_in_force'],
  ['t.7', 'mcu_temperature'],
  ['m.0', 'control_type'],
  ['m.1', 'operating_mode'],
  ['m.2', 'schedule_period'],
  ['m.3', 'lock'],
  ['m.5', 'cooling'],
  ['o.0', 'wifi_rssi'],
  ['o.1', 'restart_reason'],
  ['f.0', 'load'],
  ['f.2', 'floor_limit_active'],
  ['f.3', 'floor_sensor_missing'],
  ['f.4', 'floor_sensor_shorted'],
  ['f.5', 'air_sensor_missing'],
  ['f.6', 'air_sensor_shorted'],
  ['f.7', 'preheat_active'],
  ['f.8', 'window_open'],
  ['f.9', 'overheated'],
  ['f.11', 'clock_fault'],
  ['f.12', 'overheat_protection_fault'],
  ['f.13', 'emergency_mode'],
  ['f.14', 'digital_floor_sensor'],
  ['f.16', 'power_off'],
  ['f.17', 'load_on_long'],
  ['par.26', 'floor_setpoint_max'],
  ['par.27', 'floor_setpoint_min'],
]

const AIR_FIELDS: readonly Field[] = [
  ['par.33', 'air_setpoint_max'],
  ['par.34', 'air_setpoint_min'],
]

const TERNEO_FIELDS: readonly Field[] = [...SHARED_FIELDS, ...AIR_FIELDS, ['f.21', 'zero_cross_fault']]

const WELROK_FIELDS: readonly Field[] = [
  ...SHARED_FIELDS,
  ['f.10', 'clock_unsynchronised'],
  ['f.20', 'zero_cross_fault'],
]

const OZ_FIELDS: readonly Field[] = [
  ...WELROK_FIELDS,
  ...AIR_FIELDS,
  ['m.6', 'next_operating_mode'],
  ['o.2', 'timer_remaining'],
  ['o.4', 'humidity'],
  ['o.5', 'radio_restart_reason'],
  ['f.21', 'cloud_time_ignored'],
  ['f.22', 'air_sensor_connected'],
  ['f.23', 'air_sensor_battery_low'],
]

for (const model of MODELS) {
  t.test(`${model.id}: telemetry is the documented one, no more and no less`, async (t) => {
    const expected = model.id === 'oz' ? OZ_FIELDS : model.vendor === 'Welrok' ? WELROK_FIELDS : TERNEO_FIELDS
    const fields = model.telemetry.map((row): Field => [row.field, isMirror(row) ? row.mirrors : row.key])
    t.same(fields.sort(), [...expected].sort())
    const scale = (field: string) => model.telemetry.find((row) => row.field === field)?.scale
    for (const [field] of fields) {
      if (field.startsWith('t.')) t.same(scale(field), { as: 'number', divide: 16 }, field)
      if (field.startsWith('f.')) t.same(scale(field), { as: 'boolean' }, field)
    }
    const modes = { 0: 'schedule', 1: 'standby', 3: 'manual', 4: 'away', 5: 'temporary', 6: 'timer' }
    t.same(scale('m.1'), { as: 'enum', labels: modes })
    t.same(scale('m.3'), { as: 'enum', labels: { 0: 'none', 1: 'cloud', 2: 'lan', 3: 'both' } })
  })
}

/** Sent by devices and described by nobody: kept and shown as they are, never written. */
const UNDESCRIBED: Readonly<Record<string, readonly number[]>> = { ax: [116], sx: [54, 67], az: [], oz: [] }

for (const [name, undescribed] of Object.entries(UNDESCRIBED)) {
  t.test(`${name}: the published reply agrees with the rows`, async (t) => {
    const reply = parseParameters(object(fixture(`${name}-parameters`).response))
    const types = new Map([...reply].map(([id, { type }]) => [id, type]))
    const model = modelOf(name, types)
    t.equal(model.id, name)
    const without: number[] = []
    for (const [id, { type }] of reply) {
      const row = model.parameters.find((candidate) => candidate.id === id)
      if (row) t.equal(type, row.wire, `${id} ${row.vendor}`)
      else without.push(id)
    }
    t.same(without, undescribed)
  })
}

t.test('67 means the end of away on OZ and nothing known elsewhere', async (t) => {
  for (const { id, parameters } of MODELS)
    t.equal(
      parameters.some((row) => row.id === 67),
      id === 'oz',
      id,
    )
})

type Case = readonly [hw: string | null, types: ReadonlyMap<number, number>, id: string]

t.test('which model a device is', async (t) => {
  const none = new Map<number, number>()
  const whole = new Map([
    [31, 1],
    [5, 1],
  ])
  const tenths = new Map([[31, 3]])
  const table: readonly Case[] = [
    ...MODELS.flatMap(({ id, hw }) => hw.filter((name) => name !== 'oz').map((name): Case => [name, whole, id])),
    ['ax', tenths, 'ax'],
    ['AX', none, 'ax'],
    ['Sx', whole, 'sx'],
    ['AZ', whole, 'az'],
    ['oz', none, 'oz'],
    ['OZ', tenths, 'oz'],
    ['oz', new Map([[5, 3]]), 'oz'],
    ['oz', whole, 'old'],
    ['Oz', new Map([[125, 7]]), 'old'],
    ['nx', tenths, 'oz'],
    ['nx', new Map([[5, 3]]), 'oz'],
    ['nx', whole, 'unknown'],
    ['nx', none, 'unknown'],
    ['', none, 'unknown'],
    [null, none, 'unknown'],
    [null, whole, 'unknown'],
    [null, tenths, 'oz'],
    ['constructor', none, 'unknown'],
  ]
  for (const [hw, types, id] of table) t.equal(modelOf(hw, types).id, id, `${hw} ${[...types]}`)
})
