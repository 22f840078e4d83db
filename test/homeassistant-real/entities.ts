/** Whether all entities are there, on or off as they should be, and named as they are. */
import { modelOf } from '../../src/catalog/index.ts'
import { isObject } from '../../src/core/json.ts'
import { allThere, announced, type Check, idOf, must, none, registry, type World } from './check.ts'
import { until } from './processes.ts'

/** How many entities of a device may be on by default. */
const MOST = { thermostat: 20, relay: 12, voltage_relay: 12, bridge: 8 } as const

function kindOf({ house }: World, owner: string): keyof typeof MOST {
  if (owner === 'bridge') return 'bridge'
  const unit = house.house.describe()
  const found = [...unit.thermostats, ...unit.relays].find(({ serial }) => serial === owner)
  return modelOf(found?.model ?? null, new Map()).kind
}

async function all(world: World): Promise<string> {
  const units = world.house.house.units.length
  await until('a document of each device', () => world.house.documents().size === units + 1, 120)
  await until('Home Assistant knows every entity', async () => {
    const known = await registry(world)
    return announced(world).every((entity) => known.has(idOf(entity)))
  }).catch(async () => {
    const known = await registry(world)
    none(
      announced(world).flatMap((entity) => (known.has(idOf(entity)) ? [] : [idOf(entity)])),
      'entities are missing',
    )
  })
  const [known, devices] = [await registry(world), await world.home.devices()]
  must(devices.length === units + 1, `${devices.length} devices, not ${units + 1}`)
  must(known.size === announced(world).length, `${known.size} entities, not ${announced(world).length}`)
  await allThere(world)
  return `${devices.length} devices, ${known.size} entities, those that are on are available`
}

async function onByDefault(world: World): Promise<string> {
  const known = await registry(world)
  const counts = new Map<string, number>()
  for (const entity of announced(world)) {
    if (known.get(idOf(entity))?.disabled_by === null) counts.set(entity.owner, (counts.get(entity.owner) ?? 0) + 1)
  }
  const wrong = [...counts].filter(([owner, count]) => count > MOST[kindOf(world, owner)])
  none(
    wrong.map(([owner, count]) => `${owner} has ${count}`),
    'devices show too much',
  )
  const models = new Map(
    [...world.house.documents()].map(([owner, { device }]) => [owner, isObject(device) ? device.model : '']),
  )
  return [...counts].map(([owner, count]) => `${models.get(owner)} ${count}`).join(', ')
}

/** ms. Half a minute after the last entity was enabled Home Assistant reloads the integration, whatever it shows by then. */
const RELOAD_AFTER = 25_000

async function enableAll(world: World): Promise<string> {
  const off = [...(await registry(world)).values()].filter(({ disabled_by }) => disabled_by !== null)
  for (const { entity_id } of off)
    await world.home.ask('config/entity_registry/update', { entity_id, disabled_by: null })
  const enabled = Date.now()
  await until(
    'the integration was reloaded',
    () =>
      world.house.messages.some(
        ({ topic, payload, at }) =>
          topic === 'homeassistant/status' && payload === 'online' && at > enabled + RELOAD_AFTER,
      ),
    120,
  )
  await until(
    'the entities have a state',
    async () => {
      const states = await world.home.states()
      return off.every(({ entity_id }) => states.has(entity_id))
    },
    120,
  )
  await allThere(world)
  return `${off.length} more are on and available`
}

/** What is shown of an enum has to be a word of the document, and the value beside it that of the bridge. */
export async function words(world: World): Promise<string> {
  let seen = 0
  const wrong = async (): Promise<string[]> => {
    const [known, states] = [await registry(world), await world.home.states()]
    seen = 0
    return announced(world).flatMap((entity) => {
      const { owner, key, component } = entity
      if (!String(component.json_attributes_template).includes("'value':")) return []
      const state = states.get(known.get(idOf(entity))?.entity_id ?? '')
      const value = world.house.stateOf(owner)[key] ?? null
      if (!state || value === null) return []
      seen++
      const right = state.attributes.value === value && state.state !== 'unknown'
      return right ? [] : [`${state.entity_id} shows ${state.state} for ${JSON.stringify(value)}`]
    })
  }
  // States come once more after a document that has changed.
  await until('every value is in words', async () => (await wrong()).length === 0, 20).catch(() => undefined)
  none(await wrong(), 'values are not in words')
  must(seen > 20, `only ${seen} values are in words`)
  return `${seen} values in words, each with what it stands for`
}

export const entityChecks: readonly Check[] = [
  { name: 'entities', tried: 'every entity of every model', run: all },
  { name: 'on by default', tried: 'at most 20 of a thermostat, 12 of a relay, 8 of the bridge', run: onByDefault },
]

/** With everything on. */
export const allOnChecks: readonly Check[] = [
  { name: 'the rest', tried: 'every entity that is off enabled', run: enableAll },
  { name: 'words', tried: 'selects and sensors that show a word', run: words },
]
