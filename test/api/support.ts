import http, { type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AdminPassword } from '../../src/api/auth.ts'
import { buildServer, type Server } from '../../src/api/server.ts'
import type { ServerOptions } from '../../src/api/types.ts'
import { createLogger } from '../../src/core/logger.ts'
import { SecretValues } from '../../src/core/secrets.ts'
import { FakeAccounts, FakeBridge, FakeDevices } from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'

export const PASSWORD = 'correct-horse-ключ'
// Header values are bytes: what is not ASCII goes out as UTF-8.
const latin1 = (text: string): string => Buffer.from(text).toString('latin1')
export const BEARER = `Bearer ${latin1(PASSWORD)}`
export const BASIC = `Basic ${Buffer.from(`anybody:${PASSWORD}`).toString('base64')}`

export function fakes() {
  const devices = new FakeDevices()
  const accounts = new FakeAccounts()
  const lines: Record<string, unknown>[] = []
  return {
    devices,
    accounts,
    bridge: new FakeBridge(devices, accounts),
    clock: new FakeClock(),
    lines,
    logger: createLogger({
      level: 'debug',
      secrets: new SecretValues(),
      write: (line) => lines.push(JSON.parse(line)),
    }),
  }
}

export interface Running extends ReturnType<typeof fakes>, Server {
  readonly port: number
  close(): Promise<void>
}

/** A server on a port of its own, with nothing real behind it. */
export async function running(changes: Partial<ServerOptions> = {}): Promise<Running> {
  const parts = fakes()
  const authenticator = new AdminPassword({ password: PASSWORD, clock: parts.clock, logger: parts.logger })
  const server = await buildServer({ ...parts, authenticator, readiness: () => ({}), version: '9.9.9', ...changes })
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.app.server.address() as AddressInfo
  const close = async () => {
    server.streams.close()
    server.app.server.closeAllConnections()
    await server.app.close()
  }
  return { ...parts, ...server, port, close }
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
}

/** One request as it is written here: no path made tidy, signed in as bearer unless told otherwise. */
export function ask(port: number, path: string, options: Ask = {}): Promise<Answer> {
  const { method = 'GET', authorization = BEARER, body, type = 'application/json' } = options
  const headers = {
    ...(authorization === null ? {} : { authorization }),
    ...(body !== undefined && type !== null ? { 'content-type': type } : {}),
    ...(body !== undefined ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
    ...options.headers,
  }
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
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
