/** Energy, the examples of docker/homeassistant, languages, and what Home Assistant has logged. */
import { isObject } from '../../src/core/json.ts'
import { allThere, announced, becomes, type Check, entityId, idOf, must, none, registry, type World } from './check.ts'
import { words } from './entities.ts'
import { until } from './processes.ts'

/** Statistics are made every five minutes. */
async function energy(world: World): Promise<string> {
  const { home, house } = world
  const owners = announced(world).filter(({ key }) => key === 'energy')
  const all = await Promise.all(owners.map(({ owner, key }) => entityId(world, owner, key)))
  // Where nobody has said what a load draws, as of relays, there is nothing to count.
  const ids = await until('what each thermostat has used', async () => {
    const states = await home.states()
    const counted = all.filter((id) => Number.isFinite(Number(states.get(id)?.state)))
    return counted.length >= house.house.thermostats.length ? counted : undefined
  })
  const issues = await home.ask('recorder/validate_statistics')
  none(Object.keys(issues), 'statistics that Home Assistant complains of')
  await home.ask('energy/save_prefs', { device_consumption: ids.map((stat_consumption) => ({ stat_consumption })) })
  const complaints = async () => {
    const valid = Object.values(await home.ask('energy/validate')).flat(3)
    return valid.filter((one) => isObject(one) && 'type' in one)
  }
  await until('no complaint of the energy dashboard', async () => (await complaints()).length === 0, 400).catch(
    async () =>
      none(
        (await complaints()).map((one) => JSON.stringify(one)),
        'complaints of the energy dashboard',
      ),
  )
  return `${ids.length} meters with statistics, no complaint of the energy dashboard`
}

/** All four blueprints as automations; the one that tells of faults runs. */
async function blueprints({ home, house }: World): Promise<string> {
  const known = Object.entries(await home.ask('blueprint/list', { domain: 'automation' }))
  const ours = known.filter(([path]) => path.startsWith('thermo2mqtt/'))
  none(
    ours.flatMap(([path, one]) => (isObject(one) && 'error' in one ? [`${path}: ${String(one.error)}`] : [])),
    'blueprints are not taken',
  )
  must(ours.length === 4, `there are ${ours.length} blueprints`)
  const states = await home.states()
  const automations = [...states.values()].filter(({ attributes }) => /^checks_/.test(String(attributes.id)))
  none(
    automations.filter(({ state }) => state !== 'on').map(({ entity_id, state }) => `${entity_id} is ${state}`),
    'automations do not run',
  )
  must(automations.length === 4, `${automations.length} automations of blueprints`)
  const unit = house.house.thermostats[0]
  unit?.device.faults.add(3)
  try {
    const note = await until(
      'a notification of the fault',
      async () => {
        const notes = await home.list<Record<string, string>>('persistent_notification/get')
        return notes.find(({ title }) => title?.startsWith('Bathroom'))
      },
      30,
    )
    return `4 blueprints as automations; “${note.title}: ${note.message}”`
  } finally {
    unit?.device.faults.delete(3)
  }
}

/** Every entity id of a dashboard. */
function idsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn)
  if (isObject(value)) return Object.values(value).flatMap(idsIn)
  return typeof value === 'string' && /^(climate|sensor|binary_sensor|switch|event)\.[a-z0-9_]+$/.test(value)
    ? [value]
    : []
}

async function dashboard({ home }: World): Promise<string> {
  const config = await home.ask('lovelace/config', { url_path: 'heating-rooms' })
  const [ids, states] = [new Set(idsIn(config)), await home.states()]
  none(
    [...ids].filter((id) => !states.has(id)),
    'entities of the dashboard are missing',
  )
  return `${ids.size} entities, all there`
}

const LETTERS = /\p{L}/u
const CYRILLIC = /\p{Script=Cyrillic}/u
/** Figures and names of the maker, and what no language has another word for. */
const SAME = new Set(['sensor_type', 'delay_model', 'version'])

/** Names and words in another language, under the same ids. */
async function language(world: World, locale: 'uk' | 'ru'): Promise<string> {
  const { home, house } = world
  const before = new Set((await registry(world)).keys())
  house.configure({ locale })
  await house.restartBridge()
  const isIn = async () => {
    const entries = await registry(world)
    return announced(world).flatMap((entity) => {
      const { original_name: name } = entries.get(idOf(entity)) ?? { original_name: '' }
      return name === null || CYRILLIC.test(name) ? [] : [`${idOf(entity)} is called ${name}`]
    })
  }
  await until(`names in ${locale}`, async () => (await isIn()).length === 0, 60).catch(async () =>
    none(await isIn(), 'names are not translated'),
  )
  await allThere(world)
  const gone = [...before].filter((id) => !announced(world).some((entity) => idOf(entity) === id))
  none(gone, 'ids have changed')
  const said = await words(world)
  const [states, known] = [await home.states(), await registry(world)]
  const foreign = announced(world).flatMap((entity) => {
    const state = states.get(known.get(idOf(entity))?.entity_id ?? '')
    const inWords =
      entity.key === 'problem_text' || String(entity.component.json_attributes_template).includes("'value'")
    if (!state || !inWords || SAME.has(entity.key) || ['unknown', 'unavailable'].includes(state.state)) return []
    return LETTERS.test(state.state) && !CYRILLIC.test(state.state) ? [`${state.entity_id} shows ${state.state}`] : []
  })
  none(foreign, 'states are not translated')
  const unit = house.house.thermostats[0]
  if (!unit) throw new Error('no thermostat')
  const id = await entityId(world, unit.serial, 'event')
  const { state: toldAt } = await home.state(id)
  unit.device.faults.add(9)
  const event = await becomes(
    world,
    id,
    (state, { text, type }) => state !== toldAt && type === 'overheated' && CYRILLIC.test(String(text)),
    30,
  )
  unit.device.faults.delete(9)
  return `${said}; “${String(event.attributes.event_type)}”, “${String(event.attributes.text)}”`
}

/** Lines that say nothing about the bridge, and why. */
const KNOWN: readonly (readonly [line: RegExp, why: string])[] = [
  [/Skipping pip installation/, 'nothing is installed while the checks run'],
  [/does not have any enabled IPv4 addresses/, 'the checks have a network of their own, with loopback alone'],
  [
    /No device components to cleanup/,
    'Home Assistant empties the document of a deleted device once for each entity, and warns of that itself',
  ],
  [/Error returned from MQTT server: The connection was lost/, 'the checks stop the broker'],
  [
    /never retrieved.*publish_birth_message.*not currently connected/s,
    'the broker ended while Home Assistant said that it was there',
  ],
]

/** What a program logged from one time to the next, with its traces. */
function entries(lines: readonly string[]): readonly string[] {
  const found: string[] = []
  for (const line of lines) {
    if (/^\d{4}-\d\d-\d\d /.test(line)) found.push(line)
    else found.push(`${found.pop() ?? ''}\n${line}`)
  }
  return found
}

async function log({ home, house }: World): Promise<string> {
  const logged = entries(home.program.lines.slice(home.quietFrom))
  const mine = logged
    .filter((entry) => / (WARNING|ERROR|CRITICAL) /.test(entry))
    .filter((entry) => !KNOWN.some(([known]) => known.test(entry)))
  none(
    mine.map((line) => line.slice(line.indexOf(') ') + 2, 300)),
    'lines of the log',
  )
  const ownLines = house.bridge.lines.filter((line) => /\b(ERROR|FATAL)\b/.test(line))
  none(ownLines, 'errors of the bridge')
  return `nothing; left out: ${KNOWN.map(([, why]) => why).join('; ')}`
}

/** What Home Assistant wants of how the checks run it: not in a container of its makers, its server set up in YAML. */
const WANTED = new Set([
  'homeassistant deprecated_method',
  'http deprecated_yaml',
  'http yaml_still_present_after_migration',
])

async function repairs({ home }: World): Promise<string> {
  const { issues } = await home.ask('repairs/list_issues')
  const open = (Array.isArray(issues) ? issues : []).filter(
    (issue) => isObject(issue) && !WANTED.has(`${String(issue.domain)} ${String(issue.issue_id)}`),
  )
  none(
    open.map((issue) => (isObject(issue) ? `${String(issue.domain)} ${String(issue.issue_id)}` : '')),
    'repairs are wanted',
  )
  return 'none'
}

export const extraChecks: readonly Check[] = [
  { name: 'energy', tried: 'statistics, and the energy dashboard', run: energy },
  { name: 'blueprints', tried: 'all four as automations, and a fault', run: blueprints },
  { name: 'dashboard', tried: 'the example', run: dashboard },
]

export const lastChecks: readonly Check[] = [
  { name: 'Ukrainian', tried: 'locale: uk', run: (world) => language(world, 'uk') },
  { name: 'Russian', tried: 'locale: ru', run: (world) => language(world, 'ru') },
  { name: 'repairs', tried: 'what Home Assistant asks to be repaired', run: repairs },
  { name: 'log', tried: 'warnings and errors of Home Assistant, errors of the bridge', run: log },
]
