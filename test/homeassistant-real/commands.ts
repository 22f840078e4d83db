/** Whether what a person does in Home Assistant comes to the device, and a refusal is seen. */
import { isObject, type JsonObject } from '../../src/core/json.ts'
import { becomes, type Check, entityId, FIRST_COMMAND, must, none, type World } from './check.ts'
import { until } from './processes.ts'

/** The thermostat by its place in the house: of model `ax`, `oz`, `sx`, and so on. */
function thermostat({ house }: World, index: number) {
  const unit = house.house.thermostats[index]
  if (!unit) throw new Error(`no thermostat ${index}`)
  return unit
}

interface Command {
  readonly key: string
  readonly action: string
  readonly data?: JsonObject
  /** The state of the device after it. */
  readonly state: JsonObject
}

const COMMANDS: readonly Command[] = [
  { key: 'climate', action: 'climate.set_hvac_mode', data: { hvac_mode: 'heat' }, state: { mode: 'heat' } },
  { key: 'climate', action: 'climate.set_temperature', data: { temperature: 24 }, state: { target_temperature: 24 } },
  {
    key: 'climate',
    action: 'climate.set_temperature',
    data: { temperature: 26, hvac_mode: 'auto' },
    state: { mode: 'auto', target_temperature: 26 },
  },
  { key: 'climate', action: 'climate.turn_off', state: { mode: 'off', power_off: true } },
  { key: 'climate', action: 'climate.turn_on', state: { power_off: false } },
  { key: 'climate', action: 'climate.set_preset_mode', data: { preset_mode: 'boost' }, state: { preset: 'boost' } },
  { key: 'climate', action: 'climate.set_preset_mode', data: { preset_mode: 'none' }, state: { preset: 'none' } },
  { key: 'climate', action: 'climate.set_preset_mode', data: { preset_mode: 'away' }, state: { preset: 'away' } },
  { key: 'climate', action: 'climate.set_preset_mode', data: { preset_mode: 'none' }, state: { preset: 'none' } },
  { key: 'boost_minutes', action: 'number.set_value', data: { value: 45 }, state: { boost_minutes: 45 } },
  { key: 'child_lock', action: 'switch.turn_on', state: { child_lock: true } },
  { key: 'child_lock', action: 'switch.turn_off', state: { child_lock: false } },
  { key: 'hysteresis', action: 'number.set_value', data: { value: 1.5 }, state: { hysteresis: 1.5 } },
]

async function services(world: World): Promise<string> {
  for (const index of [0, 1]) {
    const { serial } = thermostat(world, index)
    for (const { key, action, data, state } of COMMANDS) {
      await world.home.call(action, { entity_id: await entityId(world, serial, key) }, data)
      const wanted = Object.entries(state)
      await until(
        `${action} ${JSON.stringify(data ?? {})} gives ${JSON.stringify(state)}`,
        () => wanted.every(([name, value]) => world.house.stateOf(serial)[name] === value),
        FIRST_COMMAND,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; the bridge said ${world.house.lastOf(`${serial}/result`)}`)
      })
    }
  }
  return `${2 * COMMANDS.length} commands to two thermostats`
}

/** Every option of a select, chosen by the word that is shown. */
async function selects(world: World): Promise<string> {
  const { serial } = thermostat(world, 1)
  const id = await entityId(world, serial, 'control_type')
  const { options } = (await world.home.state(id)).attributes
  const words = Array.isArray(options) ? options.map(String) : []
  must(words.length === 3, `${id} has the options ${words.join(', ')}`)
  const values = new Set<unknown>()
  for (const option of words) {
    await world.home.call('select.select_option', { entity_id: id }, { option })
    const state = await becomes(
      world,
      id,
      (shown, { value }) => shown === option && value === world.house.stateOf(serial).control_type,
    )
    values.add(state.attributes.value)
  }
  must(values.size === 3, `they stand for ${[...values].join(', ')}`)
  return words.join(', ')
}

async function relays(world: World): Promise<string> {
  const { relays: all } = world.house.house
  for (const { serial } of all) {
    const entity_id = await entityId(world, serial, 'relay')
    for (const action of ['switch.turn_off', 'switch.turn_on']) {
      await world.home.call(action, { entity_id })
      await until(action, () => world.house.stateOf(serial).relay === (action === 'switch.turn_on'), 20)
    }
  }
  return `${all.length} relays off and on`
}

/** How soon the dial has to show the truth again after the bridge has said that the command was refused. */
const JUMP_BACK = 1_000

async function refusal(world: World): Promise<string> {
  const { serial, device } = thermostat(world, 2)
  const id = await entityId(world, serial, 'climate')
  const before = (await world.home.state(id)).attributes.temperature
  device.setLock('both')
  try {
    const from = world.house.messages.length
    await world.home.call('climate.set_temperature', { entity_id: id }, { temperature: Number(before) + 3 })
    const result = await until('a result', () =>
      world.house.messages.slice(from).find(({ topic }) => topic === `thermo2mqtt/${serial}/result`),
    )
    must(result.payload.includes('"ok":false'), `the result is ${result.payload}`)
    const state = await becomes(world, id, (_state, { temperature }) => temperature === before, 5)
    const took = Date.parse(state.last_updated) - result.at
    must(took < JUMP_BACK, `the dial showed the refused setpoint for ${took} ms`)
    const { last_error: why } = state.attributes
    must(isObject(why) && typeof why.message === 'string', `why is not said: ${JSON.stringify(why)}`)
    return `the dial was back ${Math.max(0, took)} ms after the refusal`
  } finally {
    device.setLock('none')
    // Else the bridge finds it changed when it is next started, and says so.
    await until('the bridge knows that it is unlocked', () => world.house.stateOf(serial).lock === 'none', 90)
  }
}

/** A setpoint between two steps becomes the one that is there: nothing changes but that the dial has to show it again. */
async function rounding(world: World): Promise<string> {
  const { serial } = thermostat(world, 0)
  const id = await entityId(world, serial, 'climate')
  const before = Number((await world.home.state(id)).attributes.temperature)
  const from = world.house.messages.length
  await world.home.call('climate.set_temperature', { entity_id: id }, { temperature: before + 0.3 })
  const result = await until('a result', () =>
    world.house.messages.slice(from).find(({ topic }) => topic === `thermo2mqtt/${serial}/result`),
  )
  must(result.payload.includes('"rounded"'), `the result is ${result.payload}`)
  const state = await becomes(world, id, (_state, { last_rounded: rounded }) => isObject(rounded), 5)
  must(state.attributes.temperature === before, `the dial shows ${String(state.attributes.temperature)}`)
  const took = Date.parse(state.last_updated) - result.at
  must(took < JUMP_BACK, `the dial showed what was asked for ${took} ms`)
  return `the dial was back at ${before} ${Math.max(0, took)} ms after the answer`
}

/** A fault comes as a problem, in words, and as an event. */
async function faults(world: World): Promise<string> {
  const { serial, device } = thermostat(world, 0)
  const [event, problem, text] = await Promise.all(
    ['event', 'problem', 'problem_text'].map((key) => entityId(world, serial, key)),
  )
  if (!event || !problem || !text) throw new Error('no entities of faults')
  device.faults.add(9)
  try {
    await becomes(world, problem, (state) => state === 'on')
    const { state } = await becomes(world, text, (shown) => shown === 'Overheated')
    const told = await becomes(world, event, (_state, { type }) => type === 'overheated').catch((error: unknown) => {
      throw new Error(`${String(error)}; the bridge said ${world.house.lastOf(`${serial}/event`)}`)
    })
    none(
      [told.attributes.text].map(String).filter((sentence) => !/^[A-Z].*\.$/.test(sentence)),
      'texts are no sentences',
    )
    return `“${state}”, “${told.attributes.event_type}”, “${told.attributes.text}”`
  } finally {
    device.faults.delete(9)
    await becomes(world, problem, (state) => state === 'off')
  }
}

export const commandChecks: readonly Check[] = [
  { name: 'services', tried: 'climate, number, switch of an AX and an OZ', run: services },
  { name: 'selects', tried: 'each option of control_type of an OZ', run: selects },
  { name: 'relays', tried: 'both relays switched', run: relays },
  { name: 'refusal', tried: 'a setpoint for a thermostat that is locked for all networks', run: refusal },
  { name: 'rounding', tried: 'a setpoint between two steps of an AX', run: rounding },
  { name: 'faults', tried: 'a device that is too hot inside', run: faults },
]
