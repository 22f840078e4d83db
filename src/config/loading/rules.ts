/** Rules that no single value shows: values that require or exclude each other. */

import { SettingsError } from '../errors.ts'
import { type AccountSettings, PROVIDERS_WITHOUT_LIST, PROVIDERS_WITHOUT_URL } from '../settings/accounts.ts'
import { isLoopback } from '../settings/address.ts'
import type { Settings } from '../settings/index.ts'
import { nativeProblem } from '../settings/native.ts'
import { baseTopic } from '../settings/site.ts'

/** The longest prefix of topics, in characters. */
const LONGEST_BASE = 128

/** The minimum in NIST SP 800-63B (section 5.1.1). Guessing is slowed down too, so this length makes it hopeless. */
const SHORTEST_EMBEDDED_PASSWORD = 8

type Origins = ReadonlyMap<string, string>

/** Throws `SettingsError` for the first broken rule. */
export function checkRules(settings: Settings, origins: Origins): void {
  const from = (key: string) => origins.get(key) ?? 'default'
  const refuse = (key: string, problem: string, allowed: string, source = from(key)) => {
    throw new SettingsError(`${key}: ${problem}, from ${source}; allowed: ${allowed}`, key)
  }

  const ids = settings.cloud.accounts.map((account) => account.id)
  const id = firstRepeated(ids)
  if (id) {
    refuse(
      `cloud.accounts[${id.index}].id`,
      `"${id.value}" is the id of cloud.accounts[${id.first}] too`,
      'a different id for each account; without an id, the provider is the id',
    )
  }
  const serial = firstRepeated(settings.devices.map((device) => device.serial))
  if (serial) {
    refuse(
      `devices[${serial.index}].serial`,
      `"${serial.value}" is the serial of devices[${serial.first}] too`,
      'each device once',
    )
  }
  for (const [index, account] of settings.cloud.accounts.entries()) {
    const key = `cloud.accounts[${index}]`
    if (account.url === null && PROVIDERS_WITHOUT_URL.has(account.provider)) {
      refuse(
        `${key}.url`,
        `missing for provider ${account.provider}`,
        'the address of its server, such as https://cloud.example',
        from(`${key}.provider`),
      )
    }
    if (account.url !== null && sendsInClear(account)) {
      refuse(`${key}.url`, 'the password would be sent unencrypted', 'https://, or http:// with allow_insecure: true')
    }
  }

  const native = nativeProblem(settings, [
    ['mqtt.base_topic', baseTopic(settings)],
    ['homeassistant.discovery_prefix', settings.homeassistant.discovery_prefix],
    ['homeassistant.status_topic', settings.homeassistant.status_topic],
    ['homie.domain', settings.homie.domain],
  ])
  if (native) refuse(native.key, native.problem, native.allowed)

  const { mqtt } = settings
  if (baseTopic(settings).length > LONGEST_BASE) {
    refuse(
      'site',
      `with mqtt.base_topic before it, is longer than ${LONGEST_BASE} characters`,
      'a shorter name, or a shorter mqtt.base_topic',
    )
  }
  requireBoth('mqtt.cert', mqtt.cert, 'mqtt.key', mqtt.key)
  requireBoth('api.tls.cert', settings.api.tls.cert, 'api.tls.key', settings.api.tls.key)
  requireBoth('mqtt.embedded.username', mqtt.embedded.username, 'mqtt.embedded.password', mqtt.embedded.password)
  const { host, username, password } = mqtt.embedded
  if (mqtt.url.length === 0 && !isLoopback(host) && username === null) {
    refuse(
      'mqtt.embedded.host',
      `"${host}" without mqtt.embedded.username would let anybody on the network control the thermostats`,
      '127.0.0.1, or any with both mqtt.embedded.username and mqtt.embedded.password',
    )
  }
  if (mqtt.url.length === 0 && !isLoopback(host) && password !== null && password.length < SHORTEST_EMBEDDED_PASSWORD) {
    refuse(
      'mqtt.embedded.password',
      `too short for mqtt.embedded.host ${host}, where anybody on the network can try to guess it`,
      `at least ${SHORTEST_EMBEDDED_PASSWORD} characters, or mqtt.embedded.host 127.0.0.1`,
    )
  }

  function requireBoth(first: string, a: string | null, second: string, b: string | null): void {
    if ((a === null) === (b === null)) return
    const [given, absent] = a === null ? [second, first] : [first, second]
    refuse(given, `given without ${absent}`, 'both or neither')
  }
}

function sendsInClear(account: AccountSettings): boolean {
  if (account.url === null || account.allow_insecure) return false
  const url = new URL(account.url)
  return url.protocol === 'http:' && !isLoopback(url.hostname)
}

/** Warnings about settings that are allowed but probably a mistake. */
export function warningsOf(settings: Settings): string[] {
  const warnings: string[] = []
  for (const [index, { provider, devices }] of settings.cloud.accounts.entries()) {
    if (PROVIDERS_WITHOUT_LIST.has(provider) && devices.path === null) {
      warnings.push(
        `cloud.accounts[${index}].devices.path is not set: the account can sign in, but it provides keys only after you set where ${provider} lists its devices.`,
      )
    }
  }
  const { url, embedded } = settings.mqtt
  if (settings.native_mqtt.enabled && url.length === 0 && isLoopback(embedded.host)) {
    warnings.push(
      `native_mqtt.enabled is true, but no device can reach the embedded broker at mqtt.embedded.host ${embedded.host}: set it to 0.0.0.0 with mqtt.embedded.username and mqtt.embedded.password, or use your own broker with mqtt.url.`,
    )
  }
  return warnings
}

function firstRepeated(values: readonly string[]): { value: string; index: number; first: number } | undefined {
  const seen = new Map<string, number>()
  for (const [index, value] of values.entries()) {
    const first = seen.get(value)
    if (first !== undefined) return { value, index, first }
    seen.set(value, index)
  }
  return undefined
}
