/** Every row of every model. A row that breaks a rule breaks a key, an entity or a command. */
import assert from 'node:assert/strict'
import t from 'tap'
import {
  type Datapoint,
  datapointsOf,
  isMirror,
  kindOf,
  MODELS,
  type ParameterRow,
  platformOf,
  type Scale,
  type WireType,
} from '../../src/catalog/index.ts'
import { decodeValue, encodeValue } from '../../src/protocol/values.ts'
import { eachRow } from '../support/rows.ts'

const WIRE: Readonly<Record<WireType, readonly [number, number]>> = {
  0: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  1: [-128, 127],
  2: [0, 255],
  3: [-32768, 32767],
  4: [0, 65535],
  5: [-2147483648, 2147483647],
  6: [0, 4294967295],
  7: [0, 1],
}

/** Raw values to try a row with: those of its limits, or the ends of what it can mean. */
function samples(row: ParameterRow): readonly number[] {
  const { scale, min, max, step } = row
  switch (scale.as) {
    case 'boolean':
      return [0, 1]
    case 'enum':
      return Object.keys(scale.labels).map(Number)
    case 'time':
      return [1, 634929122, 0xffffffff]
    case 'timeOfDay':
      return [0, 480, 1439]
    default: {
      if (min === undefined || max === undefined) return WIRE[row.wire].filter(Number.isFinite)
      const values = [min, min + (step ?? 1), max]
      return values.flatMap((value) => encodeValue(row, row.wire, value).map(({ raw }) => Number(raw)))
    }
  }
}

const valid: Readonly<Record<Datapoint['type'], Readonly<Record<Datapoint['access'], readonly string[]>>>> = {
  number: { read: ['sensor'], write: ['number', 'climate', 'sensor'] },
  boolean: { read: ['binary_sensor'], write: ['switch'] },
  enum: { read: ['sensor'], write: ['select', 'climate'] },
  text: { read: ['sensor'], write: ['text'] },
  timestamp: { read: ['sensor'], write: ['sensor'] },
  timeOfDay: { read: ['sensor'], write: ['text'] },
}

/** Numbers that count things or have the device's own scale. */
const WITHOUT_UNIT = [
  ...['brightness', 'schedule_periods', 'minus_key_correction', 'menu_key_correction', 'plus_key_correction'],
  ...['schedule_period', 'restart_reason', 'radio_restart_reason', 'relay_mode', 'relay_status', 'repeat_limit'],
]

const meaning = (scale: Scale) => (scale.as === 'enum' ? scale.labels : scale.as)

const keyOf = ({ key }: { readonly key: string }): string => key

const thermostats = MODELS.filter(({ kind }) => kind === 'thermostat')

const UNITS: Readonly<Record<string, readonly string[]>> = {
  temperature: ['°C'],
  duration: ['s', 'min', 'h'],
  signal_strength: ['dBm'],
  humidity: ['%'],
}

/** What is wrong with how Home Assistant is to show a row. */
function entityFaults(datapoint: Datapoint): string[] {
  const platform = platformOf(datapoint)
  const { key, entity, type, access, unit } = datapoint
  const { deviceClass = '' } = entity
  const reads = platform === 'sensor' || platform === 'binary_sensor'
  const units = deviceClass === 'power' && type === 'number' ? ['W'] : UNITS[deviceClass]
  const rules: Readonly<Record<string, boolean>> = {
    [`a ${access} ${type} as ${platform}`]: valid[type][access].includes(platform),
    'Home Assistant refuses config on what only reads': !reads || entity.category !== 'config',
    'diagnostic is for what only reads': reads || entity.category !== 'diagnostic',
    'state class and precision are of sensors': platform === 'sensor' || !(entity.stateClass || entity.precision),
    'a timestamp of another type': deviceClass !== 'timestamp' || type === 'timestamp',
    'a unit that does not suit the class': units === undefined || units.includes(unit ?? ''),
  }
  return Object.entries(rules).flatMap(([rule, kept]) => (kept ? [] : [`${key}: ${rule}`]))
}

for (const model of MODELS) {
  t.test(`${model.id}: parameters encode to what they were decoded from`, async (t) => {
    eachRow(t, 'there and back', model.parameters, keyOf, (row) => {
      for (const raw of samples(row)) {
        const value = decodeValue(row.scale, String(raw), row.wire)
        assert.notEqual(value, null, `${raw} means something`)
        const encoded = encodeValue(row, row.wire, value, {})
        assert.ok(
          encoded.some((candidate) => candidate.raw === String(raw)),
          `${value} is ${raw}`,
        )
        for (const candidate of encoded) assert.equal(candidate.value, value)
      }
    })
  })

  t.test(`${model.id}: limits and steps can be held by the wire type`, async (t) => {
    eachRow(t, 'parameters', model.parameters, keyOf, (row) => {
      const { min, max, step, scale } = row
      assert.equal(min === undefined, max === undefined, 'both limits or none')
      if (min === undefined || max === undefined) return
      assert.ok(step !== undefined, 'limits and no step')
      assert.ok(min < max)
      assert.ok(step > 0 && step <= max - min)
      for (const value of [min, min + step, max]) {
        assert.ok(Math.abs(value / step - Math.round(value / step)) < 1e-9, `${value} lies on its step`)
        const [first] = encodeValue(row, row.wire, value)
        assert.equal(first?.value, Math.round(value * 100) / 100, `${value} is held as it is`)
        const raw = Number(first?.raw)
        assert.ok(raw >= WIRE[row.wire][0] && raw <= WIRE[row.wire][1], `the wire type holds ${raw}`)
      }
      assert.notEqual(scale.as, 'enum')
    })
    eachRow(t, 'what the bridge makes', model.derived, keyOf, ({ min, max, step }) => {
      if (min === undefined || max === undefined) return
      assert.ok(min < max && step !== undefined && step > 0 && step <= max - min)
    })
  })

  t.test(`${model.id}: writable numbers are bounded`, async (t) => {
    eachRow(t, 'bounded', datapointsOf(model), keyOf, ({ type, access, min, limits }) => {
      if (type === 'number' && access === 'write') assert.ok(min !== undefined || limits !== undefined)
      if (type !== 'number') assert.equal(min ?? limits, undefined)
    })
  })

  t.test(`${model.id}: ids, fields and keys are unique`, async (t) => {
    const twice = <T>(values: readonly T[]) => values.filter((value, index) => values.indexOf(value) !== index)
    t.strictSame(twice(model.parameters.map(({ id }) => id)), [])
    t.strictSame(twice(model.telemetry.map(({ field }) => field)), [])
    const keys = datapointsOf(model).map(({ key }) => key)
    t.strictSame(twice(keys), [])
    eachRow(t, 'keys', keys, String, (key) => assert.match(key, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/))
    const names = datapointsOf(model)
      .filter(platformOf)
      .map(({ name }) => name)
    t.strictSame(twice(names), [], 'entities of one device are told apart by name')
  })

  t.test(`${model.id}: telemetry that repeats a parameter means the same`, async (t) => {
    for (const row of model.telemetry.filter(isMirror)) {
      const parameter = model.parameters.find(({ key }) => key === row.mirrors)
      if (!parameter) t.fail(`${row.field} mirrors ${row.mirrors}, which ${model.id} does not have`)
      else t.same(meaning(row.scale), meaning(parameter.scale), row.field)
    }
  })

  t.test(`${model.id}: every telemetry row decodes`, async (t) => {
    eachRow(
      t,
      'decodes',
      model.telemetry,
      ({ field }) => field,
      (row) => {
        const raw = row.scale.as === 'enum' ? Object.keys(row.scale.labels) : ['0', '1']
        for (const text of raw) assert.notEqual(decodeValue(row.scale, text), null, text)
      },
    )
  })

  t.test(`${model.id}: names and texts can be shown to people`, async (t) => {
    eachRow(t, 'shown', datapointsOf(model), keyOf, ({ key, name, text, type, unit, values, fault }) => {
      assert.match(name, /^[A-Z][^.]+$/)
      assert.ok(!name.includes(model.name), 'its name does not repeat the device')
      assert.match(text, /^\S.*[^.]\.$/, 'its text is a sentence')
      assert.notEqual(text, `${name}.`)
      if (type === 'number') assert.equal(unit === undefined, WITHOUT_UNIT.includes(key), 'it has a unit')
      else assert.equal(unit, undefined)
      assert.equal(values !== undefined, type === 'enum')
      for (const label of values ?? []) assert.match(label, /^\S(.*\S)?$/)
      if (fault) assert.equal(type, 'boolean')
    })
  })

  t.test(`${model.id}: Home Assistant can show each entity`, async (t) => {
    t.strictSame(datapointsOf(model).flatMap(entityFaults), [])
  })

  t.test(`${model.id}: what the model says of itself holds`, async (t) => {
    const times = model.parameters.filter(({ scale }) => scale.as === 'time').map(({ key }) => key)
    if (model.away) t.ok(times.includes(model.away.start) && times.includes(model.away.end))
    t.equal(model.away === null, model.kind !== 'thermostat')
    const boost = ['boost_minutes', 'timer_setpoint', 'timer_remaining', 'timer_end']
    const keys = new Set(datapointsOf(model).map(({ key }) => key))
    t.equal(
      boost.every((key) => keys.has(key)),
      model.kind === 'thermostat',
    )
    t.equal(
      model.timer,
      model.parameters.some(({ key }) => key === 'timer_end'),
    )
    for (const hw of model.hw) t.equal(hw, hw.toLowerCase())
    const always = datapointsOf(model).some(({ key }) => key === 'load_control')
    t.equal(
      always,
      model.parameters.some(({ scale }) => scale.as === 'setpoint' && scale.always),
    )
    const kinds = [kindOf(new Map(model.parameters.map((row) => [row.id, row]))), model.kind]
    t.equal(...(kinds as [string, string]), 'its own parameters tell its kind')
    const main = datapointsOf(model).filter(({ entity }) => entity.main)
    t.equal(main.length, model.kind === 'thermostat' ? 0 : 1, 'the climate entity, or one other, is the device')
  })
}

t.test('a timestamp that Home Assistant shows has a zone', async (t) => {
  for (const { id, parameters } of MODELS) {
    for (const { key, scale, entity } of parameters) {
      if (scale.as === 'time' && entity.deviceClass)
        t.equal(scale.zone, 'utc', `${id} ${key}: a timestamp needs a zone`)
    }
  }
})

t.test('models are told apart', async (t) => {
  const ids = MODELS.map(({ id }) => id)
  t.equal(new Set(ids).size, ids.length)
  const hw = MODELS.flatMap((model) => model.hw)
  t.equal(new Set(hw).size, hw.length)
})

t.test('a platform for every type and access', async (t) => {
  const row = { key: 'k', name: 'N', text: 'T.', origin: 'derived', source: 'made' }
  for (const [type, platforms] of Object.entries(valid)) {
    for (const [access, [usual]] of Object.entries(platforms)) {
      const datapoint = { ...row, type, access, entity: {} } as Datapoint
      // A text that can be written has no row yet, and shows as what it says until one has.
      t.equal(platformOf(datapoint), type === 'text' ? 'sensor' : usual, `${type} ${access}`)
    }
  }
})

t.test('origins say where a key comes from', async (t) => {
  for (const model of thermostats) {
    const origins = new Map(datapointsOf(model).map(({ key, origin }) => [key, origin]))
    t.equal(origins.get('floor_setpoint_max'), 'parameter 26')
    t.equal(origins.get('floor_temperature'), 'telemetry t.1')
    t.equal(origins.get('mode'), 'derived')
    t.equal(origins.get('control_type'), 'parameter 3', 'a mirror is no datapoint of its own')
  }
})
