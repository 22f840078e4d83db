/** Rules that no single value shows: values that require or exclude each other. */

import { isLoopback } from '../../core/network/addresses.ts'
import { SettingsError } from '../errors.ts'
import { type AccountSettings, PROVIDERS_WITHOUT_LIST, PROVIDERS_WITHOUT_URL } from '../settings/accounts.ts'
import { isMailAddress } from '../settings/care.ts'
import type { Settings } from '../settings/index.ts'
import { nativeProblem } from '../settings/native.ts'
import { baseTopic } from '../settings/site.ts'

/** The longest prefix of topics, in characters. */
const LONGEST_BASE = 128

/** The minimum in NIST SP 800-63B (section 5.1.1). Guessing is slowed down too, so this length makes it hopeless. */
const SHORTEST_EMBEDDED_PASSWORD = 8

type Origins = ReadonlyMap<string, string>

/** Why settings can't be used together. */
interface Fault {
  readonly key: string
  readonly problem: string
  readonly allowed: string
  /** The setting whose source is named; default `key`. */
  readonly named?: string
}

type Rule = (settings: Settings) => Iterable<Fault>

/** In this order: the first fault is the one that is told. */
const RULES: readonly Rule[] = [names, accounts, topics, pairs, email, openBroker]

/** Throws `SettingsError` for the first broken rule. */
export function checkRules(settings: Settings, origins: Origins): void {
  for (const rule of RULES) {
    for (const { key, problem, allowed, named = key } of rule(settings)) {
      const source = origins.get(named) ?? 'default'
      throw new SettingsError(`${key}: ${problem}, from ${source}; allowed: ${allowed}`, key)
    }
  }
}

/** Each account and each device has its own name. */
function* names({ cloud, devices }: Settings): Generator<Fault> {
  const id = firstRepeated(cloud.accounts.map((account) => account.id))
  if (id)
    yield {
      key: `cloud.accounts[${id.index}].id`,
      problem: `"${id.value}" is the id of cloud.accounts[${id.first}] too`,
      allowed: 'a different id for each account; without an id, the provider is the id',
    }
  const serial = firstRepeated(devices.map((device) => device.serial))
  if (serial)
    yield {
      key: `devices[${serial.index}].serial`,
      problem: `"${serial.value}" is the serial of devices[${serial.first}] too`,
      allowed: 'each device once',
    }
}

/** Each account has a server, to which its password goes encrypted. */
function* accounts({ cloud }: Settings): Generator<Fault> {
  for (const [index, account] of cloud.accounts.entries()) {
    const key = `cloud.accounts[${index}]`
    if (account.url === null && PROVIDERS_WITHOUT_URL.has(account.provider))
      yield {
        key: `${key}.url`,
        problem: `missing for provider ${account.provider}`,
        allowed: 'the address of its server, such as https://cloud.example',
        named: `${key}.provider`,
      }
    if (account.url !== null && sendsInClear(account))
      yield {
        key: `${key}.url`,
        problem: 'the password would be sent unencrypted',
        allowed: 'https://, or http:// with allow_insecure: true',
      }
  }
}

/** No two parts use the same topics, and the topics are not too long. */
function* topics(settings: Settings): Generator<Fault> {
  const base = baseTopic(settings)
  const native = nativeProblem(settings, [
    ['mqtt.base_topic', base],
    ['homeassistant.discovery_prefix', settings.homeassistant.discovery_prefix],
    ['homeassistant.status_topic', settings.homeassistant.status_topic],
    ['homie.domain', settings.homie.domain],
  ])
  if (native) yield native
  if (base.length > LONGEST_BASE)
    yield {
      key: 'site',
      problem: `with mqtt.base_topic before it, is longer than ${LONGEST_BASE} characters`,
      allowed: 'a shorter name, or a shorter mqtt.base_topic',
    }
}

/** What is of no use alone. */
function* pairs({ api: { tls }, messages, mqtt }: Settings): Generator<Fault> {
  const { embedded } = mqtt
  const all = [
    ['mqtt.cert', mqtt.cert, 'mqtt.key', mqtt.key],
    ['api.tls.cert', tls.cert, 'api.tls.key', tls.key],
    ['mqtt.embedded.username', embedded.username, 'mqtt.embedded.password', embedded.password],
    ['messages.quiet_from', messages.quiet_from, 'messages.quiet_to', messages.quiet_to],
    ['messages.telegram.token', messages.telegram.token, 'messages.telegram.chat', messages.telegram.chat],
    ['messages.email.user', messages.email.user, 'messages.email.password', messages.email.password],
  ] as const
  for (const [first, a, second, b] of all) {
    if ((a === null) === (b === null)) continue
    const [key, absent] = a === null ? [second, first] : [first, second]
    yield { key, problem: `given without ${absent}`, allowed: 'both or neither' }
  }
}

/** Mail has a sender and somebody who gets it. */
function* email({ messages: { email } }: Settings): Generator<Fault> {
  if ((email.host === null) !== (email.to.length === 0)) {
    const [key, absent] =
      email.host === null ? ['messages.email.to', 'messages.email.host'] : ['messages.email.host', 'messages.email.to']
    yield { key, problem: `given without ${absent}`, allowed: 'both or neither' }
  }
  if (email.host !== null && email.from === null && !isMailAddress(email.user ?? ''))
    yield {
      key: 'messages.email.from',
      problem: 'missing, and messages.email.user is no mail address',
      allowed: 'the mail address from which messages come',
      named: 'messages.email.host',
    }
}

/** A broker that the network reaches lets nobody in who could guess. */
function* openBroker({ mqtt }: Settings): Generator<Fault> {
  const { host, username, password } = mqtt.embedded
  if (mqtt.url.length > 0 || isLoopback(host)) return
  if (username === null)
    yield {
      key: 'mqtt.embedded.host',
      problem: `"${host}" without mqtt.embedded.username would let anybody on the network control the thermostats`,
      allowed: '127.0.0.1, or any with both mqtt.embedded.username and mqtt.embedded.password',
    }
  if (password !== null && password.length < SHORTEST_EMBEDDED_PASSWORD)
    yield {
      key: 'mqtt.embedded.password',
      problem: `too short for mqtt.embedded.host ${host}, where anybody on the network can try to guess it`,
      allowed: `at least ${SHORTEST_EMBEDDED_PASSWORD} characters, or mqtt.embedded.host 127.0.0.1`,
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
