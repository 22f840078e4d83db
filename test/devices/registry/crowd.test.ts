/** What many devices cost: counted as pieces of work, since times tell nothing on a machine that others use. */
import t, { type Test } from 'tap'
import { Keyring, putKeys } from '../../../src/cloud/account/keyring.ts'
import { Mirror } from '../../../src/conventions/index.ts'
import type { Devices } from '../../../src/devices/ports.ts'
import { Overview } from '../../../src/devices/registry/overview.ts'
import { Registry } from '../../../src/devices/registry/registry.ts'
import { HomeAssistant } from '../../../src/homeassistant/index.ts'
import { homie } from '../../../src/homie/index.ts'
import { Publisher } from '../../../src/mqtt/publish/index.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { SqliteFile } from '../../../src/store/database/sqlite.ts'
import { openStore } from '../../../src/store/store.ts'
import { FakePort } from '../../homeassistant/manager/fake-port.ts'
import { logBook } from '../../store/support.ts'
import { FakeAccounts } from '../../support/fake-accounts.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeLink } from '../support.ts'

const FEW = 100
const MANY = 400

const listOf = (size: number) =>
  Array.from({ length: size }, (_, index) => {
    const place = index.toString(16).toUpperCase().padStart(28, '0')
    return { serial: `C1${place}`, name: `Room ${index}`, key: `key-${index.toString().padStart(12, '0')}` }
  })

interface Work {
  /** Views of a device that were made. */
  views: number
  /** Times that all devices were gone through. */
  lists: number
  /** Statements that read the store. */
  reads: number
}

/** Everything that listens to devices, over a real store: an account lists the devices, or they are remembered. */
async function work(t: Test, dataDir: string, size: number, listed: boolean): Promise<Work> {
  const done: Work = { views: 0, lists: 0, reads: 0 }
  const clock = new FakeClock()
  const { logger, secrets } = logBook()
  const store = openStore({ dataDir, clock, logger, secrets })
  const all = SqliteFile.prototype.all
  SqliteFile.prototype.all = function count<Row>(this: SqliteFile, ...statement: Parameters<typeof all>): Row[] {
    done.reads++
    return all.apply(this, statement) as Row[]
  }
  t.teardown(() => {
    SqliteFile.prototype.all = all
  })
  const keyring = new Keyring({
    configured: new Map(),
    keys: store.keys,
    source: { refreshKeys: async () => [] },
    ...{ clock, logger, secrets },
  })
  const registry = new Registry({
    ...{ clock, logger, random: () => 0.5, memory: store.devices, names: store.devices, energy: store.energy },
    keys: {
      get: (serial) => {
        done.views++
        return keyring.get(serial)
      },
      refresh: async () => false,
    },
    configured: [],
    pollInterval: 15_000,
    onLocated: () => undefined,
    connect: () => new FakeLink('ax'),
  })
  const devices: Devices = registry
  const list = registry.list.bind(registry)
  registry.list = () => {
    done.lists++
    return list()
  }
  const accounts = new FakeAccounts()
  const bridge = new Overview({ clock, version: '1', devices, accounts, restart: () => undefined })
  const mqtt = new FakePort()
  mqtt.connect()
  const topics = new Topics('thermo2mqtt')
  const publish = () => undefined
  const publisher = new Publisher({
    about: () => ({ instance: 'me', problems: [] }),
    topics,
    devices,
    bridge,
    retained: Object.assign(mqtt, { contradicts: () => false }),
    hearing: mqtt,
    publish,
    clock,
    secrets,
  })
  const shared = { enabled: true, mqtt, devices, bridge, clock, logger }
  const homeAssistant = new HomeAssistant({
    ...{ ...shared, topics, random: () => 0.5, prefix: 'homeassistant', locale: 'en', statusTopic: 'ha/status' },
  })
  const convention = homie({ domain: 'homie', base: topics.base, locale: 'en', clock })
  const mirror = new Mirror({ ...shared, convention })
  registry.start()
  for (const part of [publisher, homeAssistant, mirror]) part.start()
  if (listed) {
    const house = listOf(size)
    await putKeys(store.keys, clock, 'home', house)
    await registry.accountLists('home', house)
  }
  await clock.advance(5_000)
  const { total } = registry.count
  for (const part of [publisher, homeAssistant, mirror]) part.stop()
  await registry.stop()
  store.close()
  SqliteFile.prototype.all = all
  t.equal(total, size)
  return done
}

t.test('four times as many devices are four times as much work, listed and after a restart', async (t) => {
  const grown: unknown[] = []
  const folder = t.testdir({ few: {}, many: {} })
  for (const listed of [true, false]) {
    const few = await work(t, `${folder}/few`, FEW, listed)
    const many = await work(t, `${folder}/many`, MANY, listed)
    const linear = many.views <= few.views * (MANY / FEW) && many.lists <= few.lists && many.reads <= few.reads
    if (!linear) grown.push({ listed, few, many })
  }
  t.same(grown, [], 'views by the number of devices; lists and reads of the store not even by that')
})
