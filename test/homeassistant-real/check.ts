/** What a check is, and what all of them have to do with. */
import { isObject, type JsonObject } from '../../src/core/json.ts'
import type { Home, RegistryEntry } from './home.ts'
import type { House } from './house.ts'
import { until } from './processes.ts'

/** s. The first command is signed for an address when nothing else there has spoken for the device for a minute. */
export const FIRST_COMMAND = 90

export interface World {
  readonly home: Home
  readonly house: House
  /** Where the screenshot goes; undefined when none is wanted. */
  readonly picture: string | undefined
}

export interface Check {
  readonly name: string
  /** What is done. */
  readonly tried: string
  /** Resolves with what was seen. @throws what is wrong */
  readonly run: (world: World) => Promise<string>
}

export function must(right: boolean, what: string): void {
  if (!right) throw new Error(what)
}

/** @throws naming the first few of what is wrong */
export function none(wrong: readonly string[], what: string): void {
  must(wrong.length === 0, `${wrong.length} ${what}: ${wrong.slice(0, 6).join('; ')}`)
}

export interface Entity {
  /** Of the device; `bridge` for the bridge. */
  readonly owner: string
  readonly key: string
  readonly component: JsonObject
}

/** The entities that the bridge announces. */
export function announced({ house }: World): readonly Entity[] {
  return [...house.documents()].flatMap(([owner, { components }]) =>
    Object.entries(isObject(components) ? components : {}).flatMap(([key, component]) =>
      isObject(component) && typeof component.unique_id === 'string' ? [{ owner, key, component }] : [],
    ),
  )
}

/** The registry by platform and unique id: different platforms may have the same id. */
export async function registry({ home }: World): Promise<ReadonlyMap<string, RegistryEntry>> {
  const all = (await home.entities()).filter(({ platform }) => platform === 'mqtt')
  return new Map(all.map((entry) => [`${entry.entity_id.split('.')[0]} ${entry.unique_id}`, entry]))
}

export const idOf = ({ component }: Entity): string => `${String(component.platform)} ${String(component.unique_id)}`

/** The entities that are on and not available. */
export async function unavailable(world: World): Promise<readonly string[]> {
  const states = await world.home.states()
  const entries = [...(await registry(world)).values()].filter(({ disabled_by }) => disabled_by === null)
  return entries.flatMap(({ entity_id }) => {
    const state = states.get(entity_id)?.state
    return state === undefined || state === 'unavailable' ? [entity_id] : []
  })
}

/** Resolves once every entity that is on is there. */
export async function allThere(world: World, within = 60): Promise<void> {
  await until('every entity is available', async () => (await unavailable(world)).length === 0, within).catch(
    async () => none(await unavailable(world), 'entities are not available'),
  )
}

/** The id of an entity by its device and key. */
export async function entityId(world: World, owner: string, key: string): Promise<string> {
  const entity = announced(world).find((one) => one.owner === owner && one.key === key)
  const entry = entity && (await registry(world)).get(idOf(entity))
  if (!entry) throw new Error(`Home Assistant has no ${key} of ${owner}`)
  return entry.entity_id
}

/** Resolves with the state once it is as wanted. */
export async function becomes(
  world: World,
  id: string,
  wanted: (state: string, attributes: JsonObject) => boolean,
  within = 20,
) {
  return until(
    `${id} is as wanted`,
    async () => {
      const state = (await world.home.states()).get(id)
      return state && wanted(state.state, state.attributes) ? state : undefined
    },
    within,
  )
}
