/** A newer version is told everywhere, and looked for only where somebody wants that. */

import type { Test } from 'tap'
import t from 'tap'
import type { JsonObject } from '../../../src/core/json.ts'
import { open } from '../../store/support.ts'
import { startBridge, tempFolder } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { objectIn } from '../../support/listener.ts'

/** Nobody is asked within these tests. */
const RELEASES = new URL('http://127.0.0.1:9/')

const KNOWN = {
  available: true,
  latest_version: '9.0.0',
  release_url: 'https://github.com/thermo2mqtt/thermo2mqtt/releases/tag/v9.0.0',
  release_summary: 'All new.',
}

/** What a bridge that found version 9.0.0 before its last stop shows. */
async function shown(t: Test, settings: JsonObject, releases?: URL) {
  const dataDir = await tempFolder(t)
  const { store } = open(t, dataDir)
  const clock = new FastClock()
  store.values.set('updates', JSON.stringify({ asked: clock.now(), version: '9.0.0', summary: 'All new.' }))
  store.close()
  const bridge = await startBridge(t, { dataDir, settings, clock, ...(releases ? { releases } : {}) })
  const info = objectIn(await bridge.mqtt.next('bridge/info'))
  const document = objectIn(await bridge.mqtt.next('/homeassistant/device/thermo2mqtt_bridge/config'))
  const rest = (await bridge.rest('GET', '/api/v1/info')).body
  await bridge.stop()
  return { info, rest, components: objectIn(JSON.stringify(document.components)) }
}

t.test('a newer version is on MQTT, in REST and in Home Assistant', async (t) => {
  const { info, rest, components } = await shown(t, {}, RELEASES)
  t.strictSame(info.update, KNOWN)
  t.strictSame(rest.update, KNOWN)
  t.match(components.update, { platform: 'update', unique_id: 'thermo2mqtt_bridge_update' })
})

t.test('nobody looks for one if the setting is off', async (t) => {
  const { info, rest, components } = await shown(t, { updates: { check: false } }, RELEASES)
  for (const place of [info, rest, components]) t.notOk('update' in place)
})

t.test('nobody looks for one where nobody said where, as in the demo and in the app of Home Assistant', async (t) => {
  const { info, rest, components } = await shown(t, {})
  for (const place of [info, rest, components]) t.notOk('update' in place)
})
