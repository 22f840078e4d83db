/** The generated reference: made from the routes as they are registered, so that it can't fall behind. */
import { SystemClock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import { EventBus } from '../core/events.ts'
import { createLogger } from '../core/logger.ts'
import { SecretValues } from '../core/secrets.ts'
import type { Accounts, Bridge, Devices } from '../devices/ports.ts'
import { buildServer, type Server } from './server.ts'

const unused = async (): Promise<never> => {
  throw new BridgeError('INTERNAL', 'There is no bridge behind this server.')
}

/** A server with nothing behind it, whose routes are looked at and never called. */
async function emptyServer(version: string): Promise<Server> {
  const devices: Devices = {
    events: new EventBus(() => undefined),
    list: () => [],
    get: () => undefined,
    set: unused,
    refresh: unused,
    action: unused,
    schedule: () => ({ floor: null, air: null, now: null }),
    setSchedule: unused,
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
  const logger = createLogger({ level: 'silent', secrets: new SecretValues(), write: () => undefined })
  const authenticator = { authenticate: unused }
  return buildServer({
    devices,
    accounts,
    bridge,
    logger,
    authenticator,
    version,
    readiness: () => ({}),
    clock: new SystemClock(),
  })
}

/** The OpenAPI 3.1 document of all routes. A running bridge puts its own version in it. */
export async function openapiDocument(version = '1'): Promise<object> {
  const { app } = await emptyServer(version)
  const { openapi, ...rest } = { openapi: '', ...app.swagger() }
  await app.close()
  return { openapi, 'x-generated': 'Made from the routes by "npm run generate".', ...rest }
}

const braces = (url: string): string => url.replace(/:([a-z]+)/g, '{$1}')

const INTRODUCTION = `# REST

Made from the routes by \`npm run generate\`; don't edit. \`/openapi.json\` of a running bridge, shown by \`/docs\`, has the same with all
fields.

Everything but \`open\` needs the admin password (\`api.admin_password\`): \`Authorization: Bearer <password>\` for everything, HTTP Basic
with any user name for what needs no more than \`read\`. Ten wrong passwords from one address within a minute, and the address is refused
until that minute is over. A last slash in a path changes nothing.

Errors are \`{"error":{"code","message","details"}}\` with the codes of MQTT. Not in the table, because any route can give them:
\`UNAUTHORIZED\`, \`FORBIDDEN\`, \`RATE_LIMITED\`, \`INTERNAL\`, and \`BAD_REQUEST\` with status 404 (no such path), 405 (wrong method), 413
(body over 64 KiB), 415 (not \`application/json\`).
`

const EVERYWHERE: ReadonlySet<string> = new Set(['UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'INTERNAL'])

/** Markdown: one line for each route, with the scope it needs and the errors of its own. */
export async function restReference(): Promise<string> {
  const { app, routes } = await emptyServer('')
  await app.close()
  const rows = routes
    .filter(({ method, hidden }) => method !== 'HEAD' && !hidden)
    .map(({ method, url, scope, summary, errors }) => {
      const own = errors.filter((code) => !EVERYWHERE.has(code)).map((code) => `\`${code}\``)
      return [`\`${method}\``, `\`${braces(url)}\``, scope, summary.replaceAll('|', '\\|'), own.join(' ')]
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
