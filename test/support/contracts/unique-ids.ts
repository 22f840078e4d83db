/**
 * The ids of all entities that were ever published. Home Assistant knows an entity by its id: one that changes is a new entity,
 * and name, room, history and automations of the old one are lost. `node test/support/contracts/unique-ids.ts` adds what is new to
 * `test/homeassistant/unique-ids.json`; nothing takes anything out of it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MODELS } from '../../../src/catalog/index.ts'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { bridgeDocument } from '../../../src/homeassistant/document/bridge.ts'
import { deviceDocument } from '../../../src/homeassistant/document/index.ts'
import type { DiscoveryDocument } from '../../../src/homeassistant/document/types.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { exampleAccount } from '../fake-accounts.ts'
import { EXAMPLE_SERIAL, exampleView } from '../fake-bridge.ts'

const FILE = fileURLToPath(new URL('../../homeassistant/unique-ids.json', import.meta.url))
const BRIDGE = 'thermo2mqtt_bridge'

/**
 * `<platform> <id without the serial>` to the models that have it, `bridge` for the device of the bridge. `retired` are those
 * that are published no more, so that no other entity ever takes their ids.
 */
export interface PublishedIds {
  readonly published: Readonly<Record<string, readonly string[]>>
  readonly retired: Readonly<Record<string, readonly string[]>>
}

function idsOf(owner: string, document: DiscoveryDocument | undefined): [id: string, model: string][] {
  return Object.values(document?.components ?? {}).map((component) => {
    const own = 'unique_id' in component ? component.unique_id : ''
    return [`${component.platform} ${own.replace(`${EXAMPLE_SERIAL}_`, '').replace(`${BRIDGE}_`, '')}`, owner]
  })
}

/** What is published now of a unit of each model that has everything, and of a bridge with one account, `home`. */
export function idsNow(): ReadonlyMap<string, readonly string[]> {
  const topics = new Topics('thermo2mqtt')
  const locale = 'en'
  const version = '1'
  const bridge = { version, started: '', accounts: [exampleAccount()], devices: { total: 1, online: 1 }, update: null }
  const all = [
    ...MODELS.flatMap(({ id }) =>
      idsOf(id, deviceDocument({ view: exampleView(id), topics, locale, version, via: BRIDGE })),
    ),
    ...idsOf('bridge', bridgeDocument({ bridge, topics, locale, id: BRIDGE })),
  ]
  const found = new Map<string, string[]>()
  for (const [id, model] of all) found.set(id, [...(found.get(id) ?? []), model])
  return found
}

function table(value: unknown): Record<string, string[]> {
  const rows = isObject(value) ? Object.entries(value) : []
  return Object.fromEntries(rows.map(([id, models]) => [id, typeof models === 'string' ? models.split(' ') : []]))
}

/** @throws when the file can't be read */
export function readIds(): PublishedIds {
  const file = parseJson(readFileSync(FILE, 'utf8'))
  if (!isObject(file)) throw new Error('unique-ids.json is not an object')
  return { published: table(file.published), retired: table(file.retired) }
}

/** Adds what is published now and is not in the file yet. */
function addNew(): void {
  const { published, retired } = readIds()
  const all: Record<string, readonly string[]> = { ...published }
  for (const [id, models] of idsNow()) all[id] = [...new Set([...(all[id] ?? []), ...models])]
  const joined = (ids: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(
      Object.keys(ids)
        .sort()
        .map((id) => [id, (ids[id] ?? []).join(' ')]),
    )
  writeFileSync(FILE, `${JSON.stringify({ published: joined(all), retired: joined(retired) }, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) addNew()
