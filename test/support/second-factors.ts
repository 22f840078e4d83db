/** Services that ask for a code, and a bridge that signs in there. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { isObject, type JsonObject } from '../../src/core/json.ts'
import { seededRandom, VirtualBearer, VirtualOmnitron } from '../../src/simulator/index.ts'
import { type Bridge, filesIn } from './e2e.ts'
import { FastClock } from './fast-clock.ts'

export const USER = 'me@example.com'
export const PASSWORD = 'password-of-the-cloud'
export const SERIAL = '404CCAAAD4E8A89860609800000149'
export const KEY = 'AAD4EXAJX4E8A8XT'
const DEVICES = [{ serial: SERIAL, name: 'Hall', key: KEY }]

/** A service that mails its codes. */
export async function bearer(t: Test) {
  const clock = new FastClock()
  const accounts = [{ user: USER, password: PASSWORD, has2fa: true, devices: DEVICES }]
  const service = new VirtualBearer({ clock, random: seededRandom(1), accounts })
  await service.start()
  t.teardown(() => service.stop())
  const account = {
    id: 'home',
    provider: 'bearer',
    url: service.url,
    username: USER,
    password: PASSWORD,
    devices: { path: '/api/v1/devices/', items: 'results' },
  }
  return { service, settings: { cloud: { accounts: [account] } } }
}

export async function omnitron(t: Test) {
  // A step of its codes, 30 s, is over in a third of a second.
  const clock = new FastClock(100)
  const accounts = [{ user: USER, password: PASSWORD, devices: DEVICES }]
  const service = new VirtualOmnitron({ clock, random: seededRandom(2), accounts })
  await service.start()
  t.teardown(() => service.stop())
  const account = {
    id: 'home',
    provider: 'omnitron',
    url: service.url,
    username: USER,
    password: PASSWORD,
    devices: { path: '/api/devices/', items: 'results' },
  }
  return { service, clock, settings: { cloud: { accounts: [account] } } }
}

export async function accountOf(bridge: Bridge): Promise<JsonObject> {
  const { accounts } = (await bridge.rest('GET', '/api/v1/cloud/accounts')).body
  const first: unknown = Array.isArray(accounts) ? accounts[0] : undefined
  return isObject(first) ? first : {}
}

export const waits = (bridge: Bridge) =>
  bridge.mqtt.next('bridge/info', (text) => text.includes('"state":"code_needed"'))
export const ready = (bridge: Bridge, from = 0) =>
  bridge.mqtt.next('bridge/info', (text) => text.includes('"state":"ready"'), from)

export const last = (codes: readonly string[]): string => codes.at(-1) ?? ''
export const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

/** Nothing of what the bridge has written, shown or kept holds one of these. */
export async function leavesNoTrace(
  t: Test,
  bridge: Bridge,
  secrets: readonly string[],
  texts: readonly string[] = [],
) {
  await bridge.stop()
  const files = (await filesIn(bridge.dataDir)).filter((name) => name !== 'config.yaml')
  const disk = await Promise.all(files.map((name) => readFile(join(bridge.dataDir, name), 'latin1')))
  const messages = bridge.mqtt.messages
    .filter(({ topic }) => !topic.includes('/request/'))
    .map(({ topic, text }) => `${topic} ${text}`)
  for (const [where, lines] of Object.entries({ log: bridge.log, messages, disk, answers: texts })) {
    for (const secret of secrets) {
      t.same(
        lines.filter((line) => line.includes(secret)).map((line) => line.slice(0, 300)),
        [],
        `${where}: ${secret.slice(0, 3)}…`,
      )
    }
  }
}
