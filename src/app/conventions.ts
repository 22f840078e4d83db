/** Builds the parts that publish the devices under other systems' conventions, from the settings. */

import { wirenboardPrefix } from '../config/index.ts'
import { Mirror } from '../conventions/index.ts'
import type { Bridge, Devices } from '../devices/ports.ts'
import { homie } from '../homie/index.ts'
import type { MqttBridge } from '../mqtt/index.ts'
import { wirenBoard } from '../wirenboard/index.ts'
import type { AppOptions } from './options.ts'

export function buildConventions(
  { settings, clock, logger }: AppOptions,
  parts: { readonly devices: Devices; readonly bridge: Bridge; readonly mqtt: MqttBridge },
): readonly Mirror[] {
  const { locale } = settings
  const { base } = parts.mqtt.topics
  const shared = { ...parts, clock, logger }
  return [
    new Mirror({
      ...shared,
      enabled: settings.homie.enabled,
      convention: homie({ domain: settings.homie.domain, base, locale, clock }),
    }),
    new Mirror({
      ...shared,
      enabled: settings.wirenboard.enabled,
      convention: wirenBoard({ prefix: wirenboardPrefix(settings) }),
    }),
  ]
}
