/** Every row of every model, from the virtual device to the state and back, over real sockets. */
import t, { type Test } from 'tap'
import { isMirror, MODELS, type Model, type ParameterRow, type Scale, type Value } from '../../../src/catalog/index.ts'
import { isObject } from '../../../src/core/json.ts'
import { decodeValue, encodeValue } from '../../../src/protocol/values.ts'
import type { VirtualUnit } from '../../../src/simulator/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startRelay, startThermostat, type Teardown } from '../../support/simulator.ts'
import { type Rig, startRegistry } from '../rig.ts'

function startUnit(t: Teardown, model: Model, clock: FakeClock): Promise<VirtualUnit> {
  if (model.id === 'ms' || model.id === 'd2w') return startRelay(t, model.id, { clock, lock: 'lan' })
  const airSensor = model.vendor === 'Terneo'
  return startThermostat(t, {
    model: model.id,
    clock,
    lock: 'lan',
    airSensor,
    telemetryTime: true,
    wholeDocument: true,
  })
}

async function start(t: Teardown, model: Model) {
  const clock = new FakeClock()
  const unit = await startUnit(t, model, clock)
  const hw = model.id === 'unknown' ? null : model.id === 'old' ? 'oz' : model.id
  const rig = startRegistry(t, unit, { clock, hw })
  await rig.refresh()
  return { unit, rig }
}

/** Another value of the row than `now`, which the device takes at any time. */
function other(row: ParameterRow, now: unknown): unknown {
  const { scale, min, max, step } = row
  switch (scale.as) {
    case 'boolean':
      return now !== true
    case 'enum':
      return Object.values(scale.labels).find((label) => label !== now)
    case 'time':
      return scale.zone === 'utc' ? '2031-05-06T07:08:09Z' : '2031-05-06T07:08:09'
    case 'timeOfDay':
      return now === '06:30' ? '07:45' : '06:30'
    case 'load':
      return now === 900 ? 2100 : 900
    case 'setpoint':
      return now === 21 ? 22 : 21
    default: {
      if (min === undefined || max === undefined) return undefined
      const near = typeof now === 'number' && now + (step ?? 1) <= max ? now + (step ?? 1) : max - (step ?? 1)
      return Math.round(near * 10) / 10
    }
  }
}

/** What has to hold before the device takes a change of this row. */
const BEFORE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  temporary_setpoint: { program: 'schedule' },
}

/** Both locks at once would end all commands, so they are tried apart. */
const ONLY_READ = new Set(['cloud_lock', 'lan_lock'])

async function writes(t: Test, model: Model, { unit, rig }: { unit: VirtualUnit; rig: Rig }) {
  for (const row of model.parameters) {
    const raw = unit.parameter(row.id)
    if (row.access !== 'write' || raw === undefined || ONLY_READ.has(row.key)) continue
    if (BEFORE[row.key]) await rig.passing(rig.registry.set(SERIAL, BEFORE[row.key]))
    const now = rig.view().state[row.key]
    const wanted = other(row, now)
    if (row.key === 'control_type' && model.document === 'terneo' && unit.parameter(33) === undefined) continue
    const { state, rounded } = await rig.passing(rig.registry.set(SERIAL, { [row.key]: wanted }))
    t.same(rounded, {}, row.key)
    t.equal(state[row.key], wanted, `${model.id} ${row.key} is ${wanted}`)
    const type = unit.device.parameterList().find(([id]) => id === row.id)?.[1]
    const raws = encodeValue(row, (type ?? row.wire) as typeof row.wire, wanted, {}).map((candidate) => candidate.raw)
    t.ok(raws.includes(unit.parameter(row.id) ?? ''), `${model.id} ${row.key} at the device`)
    // Back, so that one row does not stand in the way of another, as limits and sensors do.
    await rig.passing(rig.registry.set(SERIAL, { [row.key]: now ?? null })).catch(() => undefined)
    unit.setLocally(row.id, Number(raw))
    await rig.refresh()
  }
}

async function readsParameters(t: Test, model: Model, { unit, rig }: { unit: VirtualUnit; rig: Rig }) {
  for (const row of model.parameters) {
    const before = unit.parameter(row.id)
    // 31 follows from the others.
    if (before === undefined || row.access === 'write' || row.id === 31) continue
    const raw = before === '1' ? 0 : 1
    unit.setLocally(row.id, raw)
    await rig.refresh()
    t.equal(rig.view().state[row.key], decodeValue(row.scale, String(raw), row.wire), `${model.id} ${row.key}`)
    unit.setLocally(row.id, Number(before))
  }
}

async function locks(t: Test, { unit, rig }: { unit: VirtualUnit; rig: Rig }) {
  for (const [command, lock] of [
    [{ lan_lock: false }, 'none'],
    [{ cloud_lock: true }, 'cloud'],
    [{ cloud_lock: false, lan_lock: true }, 'lan'],
  ] as const) {
    t.match(await rig.passing(rig.registry.set(SERIAL, command)), { state: { ...command, lock } })
  }
  const error = await rig.errorOf(rig.registry.set(SERIAL, { cloud_lock: true }))
  t.match(error, { code: 'BAD_REQUEST' }, 'nobody could undo that')
  t.match([unit.parameter(114), unit.parameter(115)], ['1', '0'])
}

const rawsOf = (scale: Scale): readonly string[] =>
  scale.as === 'enum' ? Object.keys(scale.labels) : scale.as === 'boolean' ? ['0', '1'] : ['7', '23']

/** The true answer to `{"cmd":4}` with one field changed. */
function withField(unit: VirtualUnit, { dialect }: Model, field: string, raw: string, scale: Scale): string {
  const { reply } = unit.device.handle({ cmd: 4 })
  if (!isObject(reply)) throw new Error('no telemetry')
  if (dialect === 'list') return JSON.stringify({ ...reply, [field]: raw })
  const [group = '', number = ''] = field.split('.')
  const { telemetry } = reply
  const fields = isObject(telemetry) ? telemetry[group] : undefined
  const value = scale.as === 'boolean' ? raw === '1' : Number(raw)
  return JSON.stringify({
    ...reply,
    telemetry: {
      ...(isObject(telemetry) ? telemetry : {}),
      [group]: { ...(isObject(fields) ? fields : {}), [number]: value },
    },
  })
}

async function readsTelemetry(t: Test, model: Model, { unit, rig }: { unit: VirtualUnit; rig: Rig }) {
  for (const row of model.telemetry) {
    for (const raw of rawsOf(row.scale)) {
      const reply = withField(unit, model, row.field, raw, row.scale)
      // Twice: a change of some fields has the parameters and then nothing else read again.
      unit.quirks.injectReplies.push({ on: 4, reply: { raw: reply } })
      await rig.refresh()
      const key = isMirror(row) ? row.mirrors : row.key
      const wanted: Value = decodeValue(row.scale, raw)
      t.equal(rig.view().state[key], wanted, `${model.id} ${row.field} ${raw} is ${key} ${wanted}`)
      t.ok(rig.view().features.has(key), key)
    }
  }
}

for (const model of MODELS) {
  t.test(`${model.id}: what can be set is set at the device, and read back`, async (t) => {
    const all = await start(t, model)
    t.equal(all.rig.view().model, model.id)
    t.equal(all.rig.view().online, true)
    for (const { id, key, documents } of model.parameters) {
      if (documents.includes(model.document)) t.ok(all.unit.parameter(id), `the virtual device has ${key}`)
    }
    await writes(t, model, all)
    await readsParameters(t, model, all)
    await locks(t, all)
  })

  t.test(`${model.id}: every field of the telemetry is in the state`, async (t) => {
    await readsTelemetry(t, model, await start(t, model))
  })

  t.test(
    `${model.id}: the state has every key of the model, and nothing unknown but what no document describes`,
    async (t) => {
      const { rig } = await start(t, model)
      const { state } = rig.view()
      const unknown = isObject(state.unknown) ? Object.keys(state.unknown) : []
      const reserved = ['f.1', 'f.5', 'f.6', 'f.10', 'f.15', 'par.116', 'par.54', 'par.67']
      t.same(
        unknown.filter((name) => !reserved.includes(name)),
        [],
      )
      const wire = [
        ...model.parameters.map(({ key }) => key),
        ...model.telemetry.flatMap((row) => (isMirror(row) ? [] : [row.key])),
      ]
      for (const key of [...wire, ...model.derived.map((row) => row.key)]) t.ok(key in state, key)
    },
  )
}
