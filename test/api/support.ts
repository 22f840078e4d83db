import { mkdtempSync, rmSync } from 'node:fs'
import http, { type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashOf } from '../../src/api/auth/credentials/tokens.ts'
import { type Access, openAccess } from '../../src/api/auth/index.ts'
import { Ingress } from '../../src/api/edge/ingress.ts'
import { buildServer, type Server } from '../../src/api/server.ts'
import type { ServerOptions } from '../../src/api/types.ts'
import type { Housekeeping } from '../../src/api/views/housekeeping.ts'
import { LogBuffer } from '../../src/core/logging/log-buffer.ts'
import { createLogger, type RootLogger } from '../../src/core/logging/logger.ts'
import { MoreDetail } from '../../src/core/logging/more-detail.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import type { History } from '../../src/history/types.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { QUICK_PASSWORDS } from '../support/api.ts'
import { FakeAccounts } from '../support/fake-accounts.ts'
import { FakeBridge, FakeDevices } from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'

export const PASSWORD = 'correct-horse-ключ'
/** An API token with every scope. */
export const TOKEN = `t2m_${'0123456789'.repeat(4)}abc`
export const BEARER = `Bearer ${TOKEN}`
export const BASIC = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`

const SYSTEM: ReturnType<ServerOptions['system']> = {
  mqtt: {
    embedded: true,
    connected: true,
    address: 'mqtt://127.0.0.1:1883',
    since: '2026-01-15T12:00:00.000Z',
    base_topic: 'thermo2mqtt',
    received: 1,
    sent: 2,
    dropped: 3,
    waiting: 4,
  },
  homeassistant: { enabled: true, seen: null },
  backup: { enabled: false, last: null, failing: false },
  messages: { enabled: false, waiting: 0, failing: [] },
  discovery: { enabled: true, listening: true, address: '0.0.0.0:23500', dropped: 5, unconfirmed: [] },
  store: { ok: true, problem: null, size: 4096 },
}

const NO_HISTORY: History = {
  recording: false,
  now: () => 0,
  query: async (_serial, { from, to }) => ({ from, to, step: 10, samples: [], uses: [] }),
  energy: async () => ({ currency: null, parts: [], devices: [] }),
}

const unused = async (): Promise<never> => {
  throw new Error('not in this test')
}

export const NO_HOUSEKEEPING: Omit<Housekeeping, 'log'> = {
  events: { page: () => [] },
  keys: () => [],
  backups: { largest: 0, make: unused, receive: unused, restore: unused },
  diagnostics: { settings: () => ({}), log: () => ({ recent: [], problems: [] }), personal: () => ({}) },
}

/** The log of a bridge of which no line has come yet. */
export const emptyLog = ({ logger, clock }: { readonly logger: RootLogger; readonly clock: FakeClock }) => ({
  lines: new LogBuffer(),
  detail: new MoreDetail(logger, clock),
})

export function fakes() {
  const devices = new FakeDevices()
  const accounts = new FakeAccounts()
  const lines: Record<string, unknown>[] = []
  const secrets = new SecretValues()
  const clock = new FakeClock()
  const logger = createLogger({ level: 'debug', secrets, write: (line) => lines.push(JSON.parse(line)) })
  return {
    devices,
    accounts,
    bridge: new FakeBridge(devices, accounts),
    clock,
    lines,
    secrets,
    system: () => SYSTEM,
    history: NO_HISTORY,
    housekeeping: { ...NO_HOUSEKEEPING, log: emptyLog({ logger, clock }) },
    messages: { test: async () => [] },
    logger,
  }
}

export interface Running extends ReturnType<typeof fakes>, Server {
  readonly port: number
  readonly access: Access
  readonly store: Store
  close(): Promise<void>
}

/** What `openAccess` takes, in a store of its own. */
export function accessOptions({ users, userSessions, apiTokens, audit, values }: Store) {
  const sessions = userSessions
  const announce = () => undefined
  return { users, sessions, apiTokens, audit, values, configured: PASSWORD, announce, passwordCost: QUICK_PASSWORDS }
}

/** A store in a folder that `remove` removes, with the token above in it. */
export function testStore({ clock, logger }: ReturnType<typeof fakes>): { store: Store; remove: () => void } {
  const dataDir = mkdtempSync(join(tmpdir(), 't2m-api-'))
  const store = openStore({ dataDir, clock, logger, secrets: new SecretValues() })
  const scopes = ['read', 'control', 'admin'] as const
  store.apiTokens.add({ id: 'all', name: 'all', scopes, createdBy: 'admin', expires: null }, hashOf(TOKEN))
  const remove = () => {
    store.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { store, remove }
}

/** A server on a port of its own, with nothing real behind it. */
export async function running(changes: Partial<ServerOptions> = {}): Promise<Running> {
  const parts = fakes()
  const { store, remove } = testStore(parts)
  const ingress = new Ingress(changes.ingress, parts.logger)
  const throughIngress = (account: string) => ingress.roleOf(account)
  const access = await openAccess({ ...accessOptions(store), throughIngress }, parts.clock, parts.logger)
  const server = await buildServer({
    ...parts,
    access,
    readiness: () => ({}),
    version: '9.9.9',
    page: '/no/page',
    ...changes,
  })
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.app.server.address() as AddressInfo
  const close = async () => {
    server.streams.close()
    server.app.server.closeAllConnections()
    await server.app.close()
    access.audit.flush()
    remove()
  }
  return { ...parts, ...server, access, store, port, close }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: unknown
}

export interface Ask {
  readonly method?: string
  readonly authorization?: string | null
  readonly body?: string
  readonly type?: string | null
  readonly headers?: Record<string, string>
  /** The address that the request comes from. */
  readonly localAddress?: string
}

/** One request as it is written here: no path made tidy, signed in as bearer unless told otherwise. */
export function ask(port: number, path: string, options: Ask = {}): Promise<Answer> {
  const { method = 'GET', authorization = BEARER, body, type = 'application/json', localAddress } = options
  const headers = {
    ...(authorization === null ? {} : { authorization }),
    ...(body !== undefined && type !== null ? { 'content-type': type } : {}),
    ...(body !== undefined ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
    ...options.headers,
  }
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port, path, method, headers, localAddress, agent: false }
    const request = http.request(to, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const json = response.headers['content-type']?.startsWith('application/json')
          ? JSON.parse(text || 'null')
          : null
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
      })
    })
    request.on('error', reject)
    // As bytes: Node sends a text and the head in one piece, and the head in the encoding of the text then.
    request.end(body === undefined ? undefined : Buffer.from(body))
  })
}

/** The code of an error answer. */
export function codeOf({ json }: Pick<Answer, 'json'>): unknown {
  return (json as { error?: { code?: unknown } } | null)?.error?.code
}
