/** A registry of devices whose links are fakes. */
import type { BridgeError } from '../../../src/core/errors.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import type { RoomMemory } from '../../../src/devices/house/rooms.ts'
import type { NewsMemory } from '../../../src/devices/news/news.ts'
import type { BridgeEvent, StoredDevice } from '../../../src/devices/ports.ts'
import type { NameMemory } from '../../../src/devices/registry/names.ts'
import type { ConfiguredDevice } from '../../../src/devices/registry/options.ts'
import { Registry } from '../../../src/devices/registry/registry.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeLink } from '../support.ts'

export const SERIAL = '058016000543464839373520000159'
export const OTHER = '404CCAAAD4E8A89860609800000149'
export const address = { host: '127.0.0.1', port: 80 }

interface SetUp {
  readonly stored?: StoredDevice[]
  readonly configured?: ConfiguredDevice[]
  readonly names?: NameMemory
  readonly rooms?: RoomMemory
  readonly news?: NewsMemory
}

export function setUp(options: SetUp = {}) {
  const clock = new FakeClock()
  const links = new Map<string, FakeLink>()
  const saved: StoredDevice[][] = []
  const events: BridgeEvent[] = []
  const located: string[] = []
  const forgotten: string[] = []
  const disk: { error: BridgeError | null } = { error: null }
  const lines: { level: string; msg: string }[] = []
  const write = (line: string) => lines.push(JSON.parse(line))
  const registry = new Registry({
    clock,
    random: () => 0.5,
    logger: createLogger({ level: 'trace', secrets: new SecretValues(), write }),
    memory: {
      load: () => options.stored ?? [],
      save: (...devices) => {
        if (disk.error) throw disk.error
        saved.push([...devices])
      },
      forget: (serial) => forgotten.push(serial),
    },
    keys: { get: () => ({ key: 'x', source: 'home', since: 0 }), refresh: async () => false },
    configured: options.configured ?? [],
    ...(options.names ? { names: options.names } : {}),
    ...(options.rooms ? { rooms: options.rooms } : {}),
    // The clock of the fixture is wrong.
    news: options.news ?? {
      faultsTold: () => new Map([['clock_fault', true]]),
      offlineTold: () => false,
      findingsTold: () => [],
    },
    pollInterval: 15_000,
    scrub: (text) => text.replaceAll('hunter2', '********'),
    onLocated: (serial, { host, port }) => located.push(`${serial} ${host}:${port}`),
    connect: (where, owner) => {
      const link = new FakeLink('ax')
      link.setAddress(where)
      links.set(owner.serial, link)
      return link
    },
  })
  registry.events.on('event', (event) => events.push(event))
  return { clock, links, saved, disk, lines, events, located, forgotten, registry }
}

/** With a thermostat that is found and has answered. */
export async function online() {
  const parts = setUp()
  const { clock, registry, links } = parts
  registry.found(SERIAL, address, 'ax')
  await clock.advance(0)
  const link = links.get(SERIAL)
  if (!link) throw new Error('no link')
  return { ...parts, link }
}

export const stored: StoredDevice = {
  serial: SERIAL,
  hw: 'ax',
  name: 'Bathroom',
  host: '127.0.0.1',
  port: 8023,
  counterBase: 'unix',
  learned: {},
  features: ['load'],
  sources: ['account:home'],
}
