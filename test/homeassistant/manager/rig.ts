/** Discovery for Home Assistant on a fake port. */
import t from 'tap'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { HomeAssistant, type HomeAssistantOptions } from '../../../src/homeassistant/index.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { FakeAccounts } from '../../support/fake-accounts.ts'
import { EXAMPLE_SERIAL, FakeBridge, FakeDevices } from '../../support/fake-bridge.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakePort } from './fake-port.ts'

export const BRIDGE = 'homeassistant/device/thermo2mqtt_bridge/config'
export const DEVICE = `homeassistant/device/thermo2mqtt_${EXAMPLE_SERIAL}/config`

export function setup(changes: Partial<HomeAssistantOptions> = {}) {
  const mqtt = new FakePort()
  const devices = new FakeDevices()
  const accounts = new FakeAccounts()
  const clock = new FakeClock()
  const lines: string[] = []
  const logger = createLogger({ level: 'debug', secrets: new SecretValues(), write: (line) => lines.push(line) })
  const topics = new Topics('thermo2mqtt')
  const homeAssistant = new HomeAssistant({
    enabled: true,
    prefix: 'homeassistant',
    locale: 'en',
    statusTopic: 'homeassistant/status',
    mqtt,
    topics,
    devices,
    bridge: new FakeBridge(devices, accounts),
    clock,
    random: () => 0.5,
    logger,
    ...changes,
  })
  return { mqtt, devices, accounts, clock, lines, topics, homeAssistant }
}

/** Started and connected, one device announced, nothing recorded yet. */
export async function running(changes: Partial<HomeAssistantOptions> = {}) {
  const parts = setup(changes)
  parts.devices.add()
  parts.homeAssistant.start()
  parts.mqtt.connect()
  await parts.clock.advance(10_000)
  t.equal(parts.mqtt.on(DEVICE).length, 1)
  parts.mqtt.sent.length = 0
  return parts
}

export function componentsOf(payload: string | undefined): Record<string, unknown> {
  const document = parseJson(payload ?? '')
  return isObject(document) && isObject(document.components) ? { ...document.components } : {}
}
