/** Builds the part that listens to the devices' own messages. */
import type { Registry } from '../devices/registry/registry.ts'
import type { MqttPort } from '../mqtt/port.ts'
import { NativeMqtt } from '../native/index.ts'
import type { AppOptions } from './options.ts'

/** null if the settings switch it off. */
export function buildNative(options: AppOptions, devices: Registry, mqtt: MqttPort): NativeMqtt | null {
  const { settings, clock, logger } = options
  const { enabled, topics, command_topic: commandPattern, commands } = settings.native_mqtt
  if (!enabled) return null
  return new NativeMqtt({
    topics: { patterns: topics, commandPattern, devices: settings.devices },
    commands,
    devices,
    mqtt,
    clock,
    logger,
  })
}
