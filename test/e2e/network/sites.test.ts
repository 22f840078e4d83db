/** Two sites that know the same thermostat, at one Mosquitto with the access list of the documents. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { brokerTargets } from '../../../src/mqtt/client/target.ts'
import { visitBroker } from '../../../src/mqtt/visit.ts'
import { blocks, read } from '../../docs/support.ts'
import { Mosquitto, NO_MOSQUITTO } from '../../mqtt/support.ts'
import { devicesOf, eventually, startBridge, startHouse, tempFolder, unit } from '../../support/e2e.ts'
import type { Teardown } from '../../support/simulator.ts'
import { unusedPort } from '../../support/unused-port.ts'

/** The access list that people are told to use. */
const accessList = blocks(read('docs/sites.md'), 'text').find((block) => block.includes('pattern readwrite')) ?? ''

async function sites(t: Teardown) {
  const folder = await tempFolder(t)
  const acl = join(folder, 'acl')
  writeFileSync(acl, accessList)
  const broker = await new Mosquitto(folder, await unusedPort(), `allow_anonymous true\nacl_file ${acl}`).start()
  t.teardown(() => broker.stop())
  const house = await startHouse(t, { thermostats: 1 })
  const bridgeOf = (site: string) =>
    startBridge(t, {
      listenAs: 'homeassistant',
      settings: {
        site,
        devices: devicesOf(house).map((device) => ({ ...device, totp_key: unit(house).key })),
        mqtt: { url: [broker.url], username: site, password: 'any' },
      },
    })
  return { broker, serial: unit(house).serial, bridgeOf }
}

t.test(
  'the access list of docs/sites.md is enough for each site, and keeps it from the others',
  NO_MOSQUITTO,
  async (t) => {
    t.match(accessList, /^pattern readwrite thermo2mqtt\/%u\/#$/m)
    const { broker, serial, bridgeOf } = await sites(t)
    const [kyiv, lviv] = await Promise.all([bridgeOf('kyiv-1'), bridgeOf('lviv')])
    await Promise.all([kyiv.online(serial), lviv.online(serial)])

    const results = await Promise.all([kyiv, lviv].map(({ mqtt }) => mqtt.command(serial, { target_temperature: 24 })))
    t.match(results, [{ ok: true }, { ok: true }])
    const resultsOf = (site: string) =>
      kyiv.mqtt.messages.filter(({ topic }) => topic === `thermo2mqtt/${site}/${serial}/result`).length
    await eventually('one listener hears of both', () => resultsOf('kyiv-1') > 0 && resultsOf('lviv') > 0)
    t.same([resultsOf('kyiv-1'), resultsOf('lviv')], [1, 1], 'each command is carried out by the bridge of its site')

    const documentOf = (site: string) => `homeassistant/device/${site}/thermo2mqtt_${site}_${serial}/config`
    const documents = await Promise.all(
      ['kyiv-1', 'lviv'].map((site) =>
        eventually(
          `the document of ${site}`,
          () => {
            const text = kyiv.mqtt.messages.findLast(
              ({ topic, text }) => topic === documentOf(site) && text !== '',
            )?.text
            const parsed = parseJson(text ?? '')
            return isObject(parsed) ? parsed : undefined
          },
          20_000,
        ),
      ),
    )
    const uniqueIds = documents.map(
      (document) => new Set([...JSON.stringify(document).matchAll(/"unique_id":"([^"]+)"/g)].map(([, id]) => id)),
    )
    const [first = new Set(), second = new Set()] = uniqueIds
    t.ok(first.size > 20)
    t.same(
      [...first].filter((id) => second.has(id)),
      [],
      'no entity of the one is one of the other',
    )

    // Somebody clears a document: the bridge may read it, and sends it again.
    const mark = kyiv.mqtt.mark
    await kyiv.mqtt.client.publishAsync(documentOf('kyiv-1'), '', { retain: true, qos: 1 })
    await eventually(
      'it is sent again',
      () => kyiv.mqtt.messages.slice(mark).some(({ topic, text }) => topic === documentOf('kyiv-1') && text !== ''),
      20_000,
    )

    const [target] = brokerTargets({
      url: [broker.url],
      client_id: '',
      base_topic: '',
      embedded: { host: '', port: 0 },
    })
    if (!target) throw new Error('no broker')
    const as = { username: 'lviv', password: 'any' }
    t.match(await visitBroker(target, as, 'thermo2mqtt/lviv'), { echoed: true, bridge: 'online' })
    t.match(
      await visitBroker(target, as, 'thermo2mqtt/kyiv-1'),
      { echoed: false, bridge: undefined },
      'not the other site',
    )

    const info = parseJson(kyiv.mqtt.latest('bridge/info') ?? '')
    t.match(info, { site: 'kyiv-1' })
    t.match((await kyiv.rest('GET', '/api/v1/info')).body, {
      site: 'kyiv-1',
      mqtt: { base_topic: 'thermo2mqtt/kyiv-1' },
    })
    const samples = (await kyiv.rest('GET', '/metrics')).text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    t.same(
      samples.filter((line) => !line.includes('site="kyiv-1"')),
      [],
      'every metric tells its site',
    )
  },
)
