/** The reference, generated from the registered routes so that it stays current. */
import { SystemClock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { EventBus } from '../../core/events.ts'
import { LogBuffer } from '../../core/logging/log-buffer.ts'
import { createLogger } from '../../core/logging/logger.ts'
import { MoreDetail } from '../../core/logging/more-detail.ts'
import { SecretValues } from '../../core/logging/secrets.ts'
import type { Accounts, Bridge, Devices } from '../../devices/ports.ts'
import type { History } from '../../history/types.ts'
import { type AccessOptions, openAccess } from '../auth/index.ts'
import { buildServer, type Server } from '../server.ts'

const unused = async (): Promise<never> => {
  throw new BridgeError('INTERNAL', 'There is no bridge behind this server.')
}

const unknown = (): never => {
  throw new BridgeError('INTERNAL', 'There is no bridge behind this server.')
}

/** A store of users with nobody in it. */
const NO_USERS: AccessOptions = {
  users: {
    list: () => [],
    get: () => undefined,
    byName: () => undefined,
    add: () => false,
    setPassword: () => undefined,
    totpSecret: () => undefined,
    setTotpSecret: () => undefined,
    activateTotp: () => undefined,
    clearTotp: () => undefined,
    useTotpStep: () => false,
    totpStep: () => 0,
    useRecoveryCode: () => false,
    recoveryCodesLeft: () => 0,
    knows: () => false,
    signedInFrom: () => undefined,
    setRole: () => false,
    remove: () => false,
  },
  sessions: {
    list: () => [],
    get: () => undefined,
    byAccess: () => undefined,
    add: () => undefined,
    endingOf: () => undefined,
    refreshHashes: () => undefined,
    rotate: () => false,
    remove: () => false,
    removeOthers: () => [],
    prune: () => undefined,
  },
  apiTokens: {
    list: () => [],
    get: () => undefined,
    byHash: () => undefined,
    add: () => undefined,
    used: () => undefined,
    remove: () => false,
  },
  audit: { add: () => undefined, page: () => [] },
  values: { getSecret: () => undefined, setSecret: () => undefined, delete: () => undefined },
  configured: 'nobody signs in here',
  announce: () => undefined,
}

/** A server with nothing behind it; its routes are read but never called. */
async function emptyServer(version: string): Promise<Server> {
  const noCounts = { done: 0, waiting: 0, failed: 0, changed: 0, skipped: 0 }
  const nothing = { power: null, power_unknown: 0, problems: [], rooms: [], counts: noCounts }
  const noHouse = { mode: 'normal' as const, until: null, ...nothing }
  const devices: Devices = {
    events: new EventBus(() => undefined),
    count: { total: 0, online: 0 },
    house: {
      view: () => noHouse,
      outcomes: () => [],
      set: unused,
      setRoom: () => undefined,
      renameRoom: () => noHouse,
      orderRooms: () => noHouse,
    },
    serials: () => [],
    list: () => [],
    get: () => undefined,
    set: unused,
    refresh: unused,
    action: unused,
    refused: () => undefined,
    schedule: () => ({ floor: null, air: null, now: null }),
    setSchedule: unused,
    rename: unused,
    forget: unused,
  }
  const accounts: Accounts = {
    list: () => [],
    sync: unused,
    login: unused,
    submitCode: unused,
    totp: unused,
    logout: unused,
  }
  const bridge: Bridge = {
    info: () => ({ version, started: '', accounts: [], devices: { total: 0, online: 0 } }),
    discover: unused,
    restart: unused,
  }
  const history: History = { recording: false, now: () => 0, query: unused, energy: unused }
  const secrets = new SecretValues()
  const logger = createLogger({ level: 'silent', secrets, write: () => undefined })
  const clock = new SystemClock()
  const access = await openAccess(NO_USERS, clock, logger)
  return buildServer({
    devices,
    accounts,
    bridge,
    history,
    logger,
    secrets,
    access,
    version,
    readiness: () => ({}),
    housekeeping: {
      events: { page: () => [] },
      keys: () => [],
      backups: { largest: 0, make: unused, receive: unused, restore: unused },
      diagnostics: { settings: unknown, log: unknown, personal: unknown },
      log: { lines: new LogBuffer(), detail: new MoreDetail(logger, clock) },
    },
    messages: { test: unused },
    system: unknown,
    clock,
  })
}

/** The OpenAPI 3.1 document of all routes. A running bridge puts its own version in it. */
export async function openapiDocument(version = '1'): Promise<object> {
  const { app, documents } = await emptyServer(version)
  const { openapi, ...rest } = { openapi: '', ...(await documents.openapi('')) }
  await app.close()
  return { openapi, 'x-generated': 'Made from the routes by "npm run generate".', ...rest }
}

const braces = (url: string): string => url.replace(/:([a-z]+)/g, '{$1}')

const INTRODUCTION = `# REST

Made from the routes by \`npm run generate\`; don't edit. [REST](../docs/rest.md) has the first steps. \`/openapi.json\` of a running bridge
describes every field; \`/docs\` shows it.

Routes with the scope \`open\` need no sign-in. All others need \`Authorization: Bearer <token>\`. The token is an API token (\`t2m_…\`) with
that scope, or the access token of \`POST /api/v1/login\`, which has the scopes of the user's [role](../docs/sign-in.md#roles): \`look\` has
\`read\`, \`control\` has \`read\` and \`control\`, \`administer\` has all. A scope in bold is for people who have signed in, not for API tokens. HTTP Basic opens only \`/docs\`, \`/openapi.json\` and \`/metrics\`: with user name and password, or with an API token as the
password. A slash at the end of a path changes nothing.

After five wrong passwords or codes each further try has to wait, longer each time. The audit log keeps all changes.

Errors are \`{"error":{"code","message","details"}}\`, with the [codes](../docs/error-codes.md) of MQTT. Any route can answer with
\`UNAUTHORIZED\`, \`FORBIDDEN\`, \`RATE_LIMITED\` or \`INTERNAL\`, and with \`BAD_REQUEST\` and status 404 (no such path), 405 (wrong method), 413
(body over 64 KiB) or 415 (not \`application/json\`); the table does not repeat these. The routes of sign-in add fields that clients of such
services expect: \`detail\`, \`non_field_errors\` or the name of the field, and \`code\`.
`

const EVERYWHERE: ReadonlySet<string> = new Set(['UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'INTERNAL'])

/** Markdown: one line per route, with the scope it needs and its specific errors. */
export async function restReference(): Promise<string> {
  const { app, routes } = await emptyServer('')
  await app.close()
  const rows = routes
    .filter(({ method, hidden }) => method !== 'HEAD' && !hidden)
    .map(({ method, url, scope, session, summary, errors }) => {
      const own = errors.filter((code) => !EVERYWHERE.has(code)).map((code) => `\`${code}\``)
      const needed = session ? `**${scope}**` : scope
      return [`\`${method}\``, `\`${braces(url)}\``, needed, summary.replaceAll('|', '\\|'), own.join(' ')]
    })
  const docs = ['`GET`', '`/docs`', 'read', 'Swagger UI', '']
  return `${INTRODUCTION}\n${table([['method', 'path', 'scope', 'what it does', 'errors'], ...rows, docs])}\n`
}

/** A table in even columns; the first row is its head. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) => `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`)
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`)
  return lines.join('\n')
}
