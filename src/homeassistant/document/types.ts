/** The parts of a device discovery document (one retained message per device on `<prefix>/device/<object_id>/config`). */
import type { Platform } from '../../catalog/index.ts'

export type ComponentPlatform = Platform | 'button' | 'event' | 'update'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** One entity. Home Assistant wants `platform` and `unique_id`; the other keys depend on the platform. */
export interface Component {
  readonly platform: ComponentPlatform
  readonly unique_id: string
  readonly [key: string]: Json
}

/** The replacement of a removed component: with only its platform, Home Assistant removes it. */
export interface Removal {
  readonly platform: string
}

export interface Origin {
  readonly name: string
  readonly sw_version: string
  readonly support_url?: string
}

export interface DeviceInfo {
  readonly identifiers: readonly string[]
  readonly name: string
  readonly manufacturer?: string
  readonly model?: string
  readonly model_id?: string
  readonly serial_number?: string
  readonly hw_version?: string
  readonly sw_version?: string
  readonly via_device?: string
  readonly configuration_url?: string
  readonly suggested_area?: string
}

export interface Availability {
  readonly topic: string
}

/** Any other key at this level makes Home Assistant reject the whole document. */
export interface DiscoveryDocument {
  readonly device: DeviceInfo
  readonly origin: Origin
  readonly availability?: readonly Availability[]
  readonly availability_mode?: 'all'
  readonly components: Readonly<Record<string, Component | Removal>>
}

/**
 * The platforms of documents of any version. `device_automation` is from an earlier one: it prevented devices from being
 * deleted.
 */
export const PLATFORMS: ReadonlySet<string> = new Set<ComponentPlatform | 'device_automation'>([
  'binary_sensor',
  'button',
  'climate',
  'device_automation',
  'event',
  'number',
  'select',
  'sensor',
  'switch',
  'text',
  'update',
])

/** Per component: Home Assistant ignored a `qos` at the root until mid-2026. */
export const QOS = 1

/** `value` with every character not allowed in Home Assistant's object ids replaced by `_`. */
export function objectId(value: string): string {
  return value.replace(/[^a-zA-Z0-9_-]/g, '_')
}
