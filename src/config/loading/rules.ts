/** What no single value shows: values that need or exclude each other. */

import { SettingsError } from '../errors.ts'
import { type AccountSettings, PROVIDERS_WITHOUT_LIST, PROVIDERS_WITHOUT_URL } from '../settings/accounts.ts'
import { isLoopback } from '../settings/address.ts'
import type { Settings } from '../settings/index.ts'
import { nativeProblem } from '../settings/native.ts'
import { baseTopic } from '../settings/site.ts'

/** Characters of what topics begin with. */
const LONGEST_BASE = 128

/** As many as NIST SP 800-63B (section 5.1.1) asks for: guesses are slowed down, and this makes them hopeless. */
const SHORTEST_EMBEDDED_PASSWORD = 8

type Origins = ReadonlyMap<string, string>

/** Throws `SettingsError` for the first rule that is broken. */
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
      'an id of its own for each account; without id the provider is the id',
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
      refuse(
        `${key}.url`,
        'the value would send the password unencrypted',
        'https://, or http:// with allow_insecure: true',
      )
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
      `with mqtt.base_topic before it, it is longer than ${LONGEST_BASE} characters`,
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
      `"${host}" without mqtt.embedded.username would let anybody on the network command the thermostats`,
      '127.0.0.1, or any with both mqtt.embedded.username and mqtt.embedded.password',
    )
  }
  if (mqtt.url.length === 0 && !isLoopback(host) && password !== null && password.length < SHORTEST_EMBEDDED_PASSWORD) {
    refuse(
      'mqtt.embedded.password',
      `too short for mqtt.embedded.host ${host}, where anybody on the network can guess at it`,
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

/** What is allowed but hardly meant. */
export function warningsOf(settings: Settings): string[] {
  const warnings: string[] = []
  for (const [index, { provider, devices }] of settings.cloud.accounts.entries()) {
    if (PROVIDERS_WITHOUT_LIST.has(provider) && devices.path === null) {
      warnings.push(
        `cloud.accounts[${index}].devices.path is not set: the account can sign in, but where ${provider} lists its devices has to be said before keys can come from it.`,
      )
    }
  }
  const { url, embedded } = settings.mqtt
  if (settings.native_mqtt.enabled && url.length === 0 && isLoopback(embedded.host)) {
    warnings.push(
      `native_mqtt.enabled is true, but no device can reach the embedded broker at mqtt.embedded.host ${embedded.host}: set that to 0.0.0.0 with mqtt.embedded.username and mqtt.embedded.password, or use a broker of your own by mqtt.url.`,
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
