/** Whether everything is there again after each of the three programs was started anew, and nothing is told that did not happen. */
import {
  allThere,
  announced,
  becomes,
  type Check,
  entityId,
  FIRST_COMMAND,
  idOf,
  must,
  none,
  registry,
  type World,
} from './check.ts'
import { until } from './processes.ts'

/** When each event entity last told something. */
async function told(world: World): Promise<ReadonlyMap<string, string>> {
  const states = await world.home.states()
  const entries = [...(await registry(world)).values()].filter(({ entity_id }) => entity_id.startsWith('event.'))
  return new Map(entries.map(({ entity_id }) => [entity_id, states.get(entity_id)?.state ?? '']))
}

/** @throws when anything happened that was not there before, in the eyes of Home Assistant */
async function quiet(world: World, before: ReadonlyMap<string, string>): Promise<void> {
  const now = await told(world)
  const news = [...before].filter(([id, state]) => now.get(id) !== state && state !== 'unknown')
  none(
    news.map(([id]) => id),
    'event entities told something',
  )
}

async function bridge(world: World): Promise<string> {
  const before = await told(world)
  await world.house.restartBridge()
  await allThere(world)
  await quiet(world, before)
  return 'all entities are back, no event'
}

async function home(world: World): Promise<string> {
  const before = (await registry(world)).size
  await world.home.restart()
  await until('every entity has a state', async () => (await registry(world)).size === before, 60)
  await allThere(world, 90)
  must(announced(world).length === before, `${before} entities, announced are ${announced(world).length}`)
  return `${before} entities are back`
}

async function broker(world: World): Promise<string> {
  const { broker: program } = world.house
  if (!program) return 'the embedded broker was started anew with the bridge'
  await program.stop()
  const from = world.house.messages.length
  program.start()
  // Home Assistant may be back before, and the broker keeps no command for a bridge that it does not know yet.
  await world.house.bridgeOnline(from)
  await allThere(world, 120)
  const serial = world.house.house.thermostats[3]?.serial ?? ''
  const id = await entityId(world, serial, 'climate')
  await world.home.call('climate.set_temperature', { entity_id: id }, { temperature: 21 })
  await until('a command comes through', () => world.house.stateOf(serial).target_temperature === 21, FIRST_COMMAND)
  return 'all entities are back, and a command comes through'
}

/** A name given in the bridge is that of the device; one given in Home Assistant stays over it. */
async function rename(world: World): Promise<string> {
  const unit = world.house.house.thermostats[4]
  if (!unit) throw new Error('no thermostat 4')
  const named = async (wanted: string) =>
    until(`a device ${wanted}`, async () => (await world.home.devices()).find(({ name }) => name === wanted), 30)
  const payload = (name: string | null) => JSON.stringify({ serial: unit.serial, name })
  await world.house.publish('thermo2mqtt/bridge/request/rename', payload('Guest room'))
  const device = await named('Guest room')
  await world.home.ask('config/device_registry/update', { device_id: device.id, name_by_user: 'Attic' })
  await world.house.publish('thermo2mqtt/bridge/request/rename', payload(null))
  const again = await named(unit.name)
  must(again.name_by_user === 'Attic', `the name given in Home Assistant is ${again.name_by_user}`)
  return `${unit.name} → Guest room → ${unit.name}; “Attic” stayed over both`
}

/** What a person deletes comes back when it is there, also after the integration was reloaded; else it is forgotten. */
async function deletion(world: World): Promise<string> {
  const { home: ha, house } = world
  const unit = house.house.thermostats[5]
  if (!unit) throw new Error('no thermostat 5')
  const [entry] = (await ha.list<Record<string, string>>('config_entries/get', { domain: 'mqtt' })) ?? []
  const config_entry_id = entry?.entry_id ?? ''
  const find = async () =>
    (await ha.devices()).find(({ identifiers }) => identifiers.some(([, id]) => id.endsWith(unit.serial)))
  const remove = async () => {
    const device = await until('the device', find, 60)
    await ha.ask('config/device_registry/remove', { device_id: device.id })
    return device.id
  }
  for (const reload of [false, true]) {
    if (reload) await ha.post(`/api/config/config_entries/entry/${config_entry_id}/reload`, {})
    if (reload) await allThere(world, 90)
    await remove()
    await until('the device is back', find, 60)
    await until(
      'its entities are back',
      async () => {
        const known = await registry(world)
        return announced(world).every((entity) => known.has(idOf(entity)))
      },
      60,
    )
  }
  const [, climate] = [await allThere(world, 90), await entityId(world, unit.serial, 'climate')]
  await becomes(world, climate, (state) => state !== 'unavailable')
  return `${unit.name} came back both times, before and after a reload`
}

export const restartChecks: readonly Check[] = [
  { name: 'restart of the bridge', tried: 'the bridge stopped and started', run: bridge },
  { name: 'restart of Home Assistant', tried: 'Home Assistant stopped and started', run: home },
  { name: 'restart of the broker', tried: 'the broker stopped and started', run: broker },
  { name: 'names', tried: 'a device renamed here and there', run: rename },
  { name: 'deletion', tried: 'a device that is there deleted in Home Assistant', run: deletion },
]
