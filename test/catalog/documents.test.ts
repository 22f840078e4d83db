/** The catalog against the vendors' documents ("Parameters list", "Telemetry") and the published wire data. */
import assert from 'node:assert/strict'
import t from 'tap'
import {
  datapointsOf,
  isMirror,
  kindOf,
  kindOfTelemetry,
  MODELS,
  type Model,
  modelNamed,
  modelOf,
} from '../../src/catalog/index.ts'
import { parseParameters } from '../../src/protocol/replies.ts'
import { fixture, object } from '../support/fixtures.ts'
import { eachRow } from '../support/rows.ts'
import { DOCUMENTED, FIELDS, type Field, TERNEO_FIELDS, WELROK_FIELDS } from './documented.ts'

/** The document of OZ prints int16 for its setpoints; its table says uint8 of 14 and 15, its published reply int8. */
const OZ_WIRE: Readonly<Record<number, number>> = { 4: 3, 5: 3, 6: 3, 7: 3, 14: 1, 15: 1, 29: 3, 31: 3 }

const READ_ONLY = [28, 31, 36, 55, 64, 109]

t.test('the models are those that are documented here', async (t) => {
  t.same(MODELS.map(({ id }) => id).sort(), Object.keys(DOCUMENTED).sort())
})

for (const model of MODELS) {
  t.test(`${model.id}: every documented parameter has its row`, async (t) => {
    const documented = DOCUMENTED[model.id] ?? []
    eachRow(
      t,
      'its row',
      documented,
      ([id, , vendor]) => `${id} ${vendor}`,
      ([id, wire, vendor]) => {
        const row = model.parameters.find((candidate) => candidate.id === id)
        assert.equal(row?.vendor, vendor)
        assert.equal(row?.wire, model.id === 'oz' ? (OZ_WIRE[id] ?? wire) : wire)
      },
    )
  })

  t.test(`${model.id}: what can be written`, async (t) => {
    const floorOnly = model.id === 'az' || model.id === 'old'
    const readOnly = model.parameters.filter(({ access }) => access === 'read').map(({ id }) => id)
    const ids = model.parameters.map(({ id }) => id)
    const expected = [...READ_ONLY, ...(floorOnly || model.kind === 'relay' ? [3] : [])].filter((id) =>
      ids.includes(id),
    )
    t.same(readOnly.sort(), expected.sort())
  })

  t.test(`${model.id}: no relay has a row that its document lacks`, async (t) => {
    if (model.kind === 'thermostat') return
    const documented = (DOCUMENTED[model.id] ?? []).map(([id]) => id)
    t.same(model.parameters.map(({ id }) => id).sort(), [...documented].sort())
  })
}

const thermostats = MODELS.filter(({ kind }) => kind === 'thermostat')

const scaleOf = (model: Model, id: number) => model.parameters.find((row) => row.id === id)?.scale

t.test('scales as the documents print them', async (t) => {
  for (const model of thermostats) {
    t.same(scaleOf(model, 2), { as: 'enum', labels: { 0: 'schedule', 1: 'manual', 3: 'manual' } })
    t.same(scaleOf(model, 3), { as: 'enum', labels: { 0: 'floor', 1: 'air', 2: 'air_floor_limits' } })
    t.equal(scaleOf(model, 17)?.as, 'load')
    const resistances = ['4.7 kΩ', '6.8 kΩ', '10 kΩ', '12 kΩ', '15 kΩ', '33 kΩ', '47 kΩ']
    t.same(scaleOf(model, 18), { as: 'enum', labels: { ...resistances } })
    for (const id of [19, 21]) t.same(scaleOf(model, id), { as: 'number', divide: 10 })
    for (const id of [5, 7, 29, 31]) {
      const always = model.id === 'oz' && id > 7 ? { always: true } : {}
      t.same(scaleOf(model, id), { as: 'setpoint', ...always })
    }
    for (const id of [52, 53]) t.equal(scaleOf(model, id)?.as, 'timeOfDay')
    for (const id of [0, 1]) t.match(scaleOf(model, id), { as: 'time', zone: 'device' })
    t.equal(model.parameters.find(({ id }) => id === 23)?.max, ['oz', 'az'].includes(model.id) ? 10 : 9, 'brightness')
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

for (const model of MODELS) {
  t.test(`${model.id}: telemetry is the documented one, no more and no less`, async (t) => {
    const expected = FIELDS[model.id] ?? (model.vendor === 'Welrok' ? WELROK_FIELDS : TERNEO_FIELDS)
    const fields = model.telemetry.map((row): Field => [row.field, isMirror(row) ? row.mirrors : row.key])
    t.same(fields.sort(), [...expected].sort())
    const scale = (field: string) => model.telemetry.find((row) => row.field === field)?.scale
    for (const [field] of fields) {
      if (field.startsWith('t.')) t.same(scale(field), { as: 'number', divide: 16 }, field)
      if (field.startsWith('f.')) t.same(scale(field), { as: 'boolean' }, field)
    }
    t.same(scale('m.3'), { as: 'enum', labels: { 0: 'none', 1: 'cloud', 2: 'lan', 3: 'both' } })
    if (model.kind !== 'thermostat') return
    const modes = { 0: 'schedule', 1: 'standby', 3: 'manual', 4: 'away', 5: 'temporary', 6: 'timer' }
    t.same(scale('m.1'), { as: 'enum', labels: modes })
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
  const relay = new Map([[70, 2]])
  const voltage = new Map([
    [5, 5],
    [119, 7],
  ])
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
    ['D2W', none, 'd2w'],
    ['MS', whole, 'ms'],
    ['nx', relay, 'ms'],
    [null, voltage, 'd2w'],
  ]
  for (const [hw, types, id] of table) t.equal(modelOf(hw, types).id, id, `${hw} ${[...types]}`)
})

t.test('a message tells which kind of device it is from', async (t) => {
  const of = (...ids: number[]) => kindOf(new Set(ids))
  t.equal(of(2, 5, 116, 125), 'thermostat')
  t.equal(of(3, 68, 125), 'relay')
  t.equal(of(5, 119), 'voltage_relay')
  t.equal(of(5, 125), undefined, 'anybody has those')
  t.equal(of(2, 119), undefined, 'of two kinds at once')
  for (const model of MODELS) {
    t.equal(kindOfTelemetry(new Set(model.telemetry.map(({ field }) => field))), model.kind, model.id)
  }
  t.equal(kindOfTelemetry(new Set(['t.0', 'f.10'])), undefined)
  t.equal(modelNamed('D2W')?.id, 'd2w')
  t.equal(modelNamed('new'), undefined)
  t.equal(modelNamed(null), undefined)
})

t.test('every row names the document that it is from, its own where that prints it', async (t) => {
  const source = (id: string, key: string) => {
    const model = MODELS.find((candidate) => candidate.id === id)
    return model && datapointsOf(model).find((row) => row.key === key)?.source
  }
  t.equal(source('ax', 'hysteresis'), 'Terneo, “Parameters list”')
  t.equal(source('old', 'hysteresis'), 'Welrok OZ before June 2025, “Parameters list”')
  t.equal(source('az', 'hysteresis'), 'Welrok AZ, “Parameters list”')
  t.equal(source('oz', 'humidity'), 'Welrok OZ, “Telemetry”')
  t.equal(source('sx', 'load_warning_time'), 'captured from SX units by an owner')
  t.equal(source('d2w', 'voltage_max'), 'Welrok D2W, “List of parameters”')
  t.equal(source('d2w', 'voltage'), 'Welrok D2W, “Telemetry”')
  t.equal(source('ms', 'relay'), 'Welrok MS, “Parameters list”')
  t.equal(source('ms', 'problem'), 'made by the bridge')
  t.equal(source('az', 'air_temperature'), 'Terneo, “Telemetry”', 'what its own document lacks')
  const all = MODELS.flatMap((model) => datapointsOf(model).map((row) => ({ model, row })))
  eachRow(
    t,
    'a document',
    all,
    ({ model, row }) => `${model.id} ${row.key}`,
    ({ row }) => assert.ok(row.source),
  )
})
