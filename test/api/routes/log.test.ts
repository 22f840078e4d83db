/** The log over REST: what is in it, and how much is recorded. */
import t from 'tap'
import { hashOf } from '../../../src/api/auth/credentials/tokens.ts'
import { createLogger, type RootLogger } from '../../../src/core/logging/logger.ts'
import { ask, codeOf, emptyLog, fakes, type Running, running, TOKEN } from '../support.ts'

/** A bridge whose log has these routes, at level info. */
async function logging(): Promise<Running & { readonly log: RootLogger; readonly level: () => string }> {
  const { clock, secrets } = fakes()
  const logger = createLogger({ level: 'info', secrets, write: (line) => log.lines.push(line) })
  const log = emptyLog({ logger, clock })
  const parts = fakes()
  const api = await running({ clock, secrets, logger, housekeeping: { ...parts.housekeeping, log } })
  return { ...api, clock, secrets, log: logger, level: () => logger.level }
}

interface Lines {
  readonly log: string
  readonly last: number
  readonly left_out: number
  readonly lines: readonly { readonly seq: number; readonly level: string; readonly message: string }[]
  readonly recording: object
}

const read = async (api: Running, query = ''): Promise<Lines> =>
  (await ask(api.port, `/api/v1/log/lines${query}`)).json as Lines
const said = ({ lines }: Lines) => lines.map(({ message }) => message)

t.test('lines are read by level, by what they say, and on from the last one', async (t) => {
  const api = await logging()
  t.teardown(api.close)
  api.log.info({ serial: 'A1', deep: { place: ['Bathroom'] } }, 'one')
  api.log.warn('two')
  api.log.error({ err: new Error('broken') }, 'three')
  const all = await read(api)
  t.match(all, {
    last: 3,
    left_out: 0,
    lines: [
      { seq: 1, level: 'info', at: /^20.*Z$/, message: 'one', fields: { serial: 'A1', deep: { place: ['Bathroom'] } } },
      { seq: 2, level: 'warn', message: 'two', fields: {} },
      { seq: 3, level: 'error', fields: { err: { type: 'Error', message: 'broken' } } },
    ],
    recording: { level: 'info', usual: 'info', until: null },
  })
  t.strictSame(said(await read(api, '?level=warn')), ['two', 'three'])
  t.strictSame(said(await read(api, '?search=bathROOM')), ['one'], 'in fields too, in any letters')
  t.strictSame(said(await read(api, '?search=%3Cimg')), [])
  const newest = await read(api, '?limit=1')
  t.strictSame([said(newest), newest.left_out], [['three'], 2])
  t.strictSame(said(await read(api, `?after=${all.last}`)), [])
  api.log.info('four')
  t.strictSame(said(await read(api, `?after=${all.last}`)), ['four'])
  const bad = ['?level=silent', '?limit=0', '?limit=1001', '?after=-1', `?search=${'x'.repeat(201)}`, '?other=1']
  const codes = await Promise.all(bad.map(async (query) => codeOf(await ask(api.port, `/api/v1/log/lines${query}`))))
  t.strictSame(
    codes,
    bad.map(() => 'BAD_REQUEST'),
  )
})

t.test('what became a secret after the line was written is masked as well; nothing hostile breaks it', async (t) => {
  const api = await logging()
  t.teardown(api.close)
  api.log.info({ password: 'plain-text' }, 'the device said HUSHHUSH1')
  api.secrets.remember('HUSHHUSH1')
  api.log.info({ name: '<script>alert(1)</script>\u001b[2J"}' }, 'x'.repeat(9000))
  const answer = await ask(api.port, '/api/v1/log/lines')
  t.notMatch(answer.text, /HUSHHUSH1|plain-text/)
  t.notMatch(answer.text, '\u001b')
  t.match(answer.json, { lines: [{ message: 'the device said ********' }, { seq: 2, level: 'info', fields: {} }] })
  t.ok(answer.text.length < 6000, 'a long line is cut off')
})

t.test('only for those who administer, and reading it does not fill it', async (t) => {
  const api = await logging()
  t.teardown(api.close)
  t.equal((await ask(api.port, '/api/v1/log/lines', { authorization: null })).status, 401)
  const token = TOKEN.replace('abc', 'xyz')
  const viewing = {
    id: 'viewer',
    name: 'viewer',
    scopes: ['read', 'control'] as const,
    createdBy: 'admin',
    expires: null,
  }
  api.store.apiTokens.add(viewing, hashOf(token))
  const viewer = { authorization: `Bearer ${token}` }
  const body = JSON.stringify({ level: 'trace', minutes: 1 })
  const denied = await Promise.all([
    ask(api.port, '/api/v1/log/lines', viewer),
    ask(api.port, '/api/v1/log/recording', { ...viewer, method: 'PUT', body }),
    ask(api.port, '/api/v1/log/recording', { ...viewer, method: 'DELETE' }),
  ])
  t.strictSame(
    denied.map(({ status }) => status),
    [403, 403, 403],
  )
  await ask(api.port, '/api/v1/log/recording', { method: 'PUT', body })
  const { last } = await read(api)
  await read(api)
  t.equal((await read(api)).last, last)
  await ask(api.port, '/api/v1/devices')
  t.ok((await read(api)).last > last, 'other requests are in it')
})

t.test('more is recorded for a while, and then as much as before', async (t) => {
  const api = await logging()
  t.teardown(api.close)
  const record = (body: object) => ask(api.port, '/api/v1/log/recording', { method: 'PUT', body: JSON.stringify(body) })
  const child = api.log.child({ account: 'home' })
  const answer = await record({ level: 'debug', minutes: 15 })
  t.match(answer.json, {
    level: 'debug',
    usual: 'info',
    until: new Date(api.clock.now() + 15 * 60_000).toISOString(),
  })
  child.debug('in detail')
  t.strictSame(said(await read(api, '?search=in+detail')), ['in detail'], 'made before')
  await api.clock.advance(14 * 60_000)
  t.equal(api.level(), 'debug')
  await api.clock.advance(60_000)
  t.equal(api.level(), 'info')
  t.match((await read(api)).recording, { level: 'info', until: null })
  await record({ level: 'trace', minutes: 1 })
  await record({ level: 'error', minutes: 5 })
  await api.clock.advance(60_000)
  t.equal(api.level(), 'error', 'the last wish counts')
  t.match((await ask(api.port, '/api/v1/log/recording', { method: 'DELETE' })).json, { level: 'info', until: null })
  const bad = [{ level: 'silent', minutes: 1 }, { level: 'debug' }, { level: 'debug', minutes: 1441 }, {}]
  t.strictSame(
    (await Promise.all(bad.map(record))).map((refused) => codeOf(refused)),
    bad.map(() => 'BAD_REQUEST'),
  )
  t.equal(api.level(), 'info')
})

t.test('a flood costs bounded memory, answers stay small, and problems stay to be seen', async (t) => {
  const api = await logging()
  t.teardown(api.close)
  api.log.warn('the first sign')
  for (let i = 0; i < 20_000; i++) api.log.info({ filler: 'ж'.repeat(800) }, `flood ${i}`)
  const { lines, left_out } = await read(api, '?limit=1000')
  t.equal(lines[0]?.message, 'the first sign')
  t.ok(lines.length < 700 && lines.length > 500, `${lines.length} lines are kept`)
  t.equal(left_out, 0)
  t.equal(lines.at(-1)?.message, 'flood 19999')
  t.equal((await read(api)).lines.length, 200)
})
