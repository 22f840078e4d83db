import t from 'tap'
import { baseTopic, clientIdAt, wirenboardPrefix } from '../../src/config/index.ts'
import { bridgeId as homieId } from '../../src/homie/ids.ts'
import { load } from './support.ts'

t.test('the name of a site goes into whatever has to differ between bridges at one broker', async (t) => {
  const { settings } = await load({ env: { T2M_SITE: 'kyiv-1' } })
  t.equal(baseTopic(settings), 'thermo2mqtt/kyiv-1')
  t.equal(clientIdAt(settings, 'thermo2mqtt-0a1b2c3d'), 'thermo2mqtt-0a1b2c3d-kyiv-1')
  t.equal(wirenboardPrefix(settings), 'thermo2mqtt_kyiv_1')
  t.equal(homieId(baseTopic(settings)), 'thermo2mqtt-kyiv-1')
})

t.test('without a name nothing of it changes', async (t) => {
  const { settings } = await load({ env: { T2M_SITE: '' } })
  t.equal(settings.site, '')
  t.equal(baseTopic(settings), 'thermo2mqtt')
  t.equal(clientIdAt(settings, 'own'), 'own')
  t.equal(wirenboardPrefix(settings), 'thermo2mqtt')
})

t.test('names that could be mistaken, or make too long a topic, are refused', async (t) => {
  const refused: string[] = []
  for (const site of ['Kyiv', 'kyiv_1', 'a/b', '-a', 'a-', 'bridge', '+', 'a'.repeat(33)]) {
    await load({ env: { T2M_SITE: site } }).catch(({ message }: Error) => refused.push(message.slice(0, 5)))
  }
  t.same(refused, Array(8).fill('site:'))
  const long = { T2M_SITE: 'kyiv', T2M_MQTT_BASE_TOPIC: 'b'.repeat(124) }
  await t.rejects(load({ env: long }), /^site: .*longer than 128 characters/)
})
