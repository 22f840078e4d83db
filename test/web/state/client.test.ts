/** The session of the page, without a browser. */
import t from 'tap'
import { RequestError } from '../../../src/web/api/answers.ts'
import { Client } from '../../../src/web/api/client.ts'
import { Tabs } from '../../../src/web/api/tabs.ts'
import { failureOf } from '../../../src/web/state/house.ts'
import { Memory, tick } from './page-rig.ts'

interface Asked {
  readonly path: string
  readonly method: string
  readonly bearer: string | null
  readonly body: unknown
}

const KEY = 'thermo2mqtt.refresh'

/** A channel on which nobody else is, or on which all are that are given the same. */
function tabs(all: ((message: unknown) => void)[] = [], random = () => 0.5): Tabs {
  let own = (_message: unknown) => {}
  return new Tabs({
    random,
    channel: {
      post: (message) => {
        for (const listener of all) if (listener !== own) queueMicrotask(() => listener(structuredClone(message)))
      },
      listen: (listener) => {
        own = listener
        all.push(listener)
      },
    },
    timer: (ms, run) => {
      const id = setTimeout(run, ms / 20)
      return () => clearTimeout(id)
    },
  })
}

/** A server that is asked what `answer` says. */
function client(answer: (asked: Asked) => [status: number, body: unknown] | Error) {
  const keep = new Memory()
  const asked: Asked[] = []
  let signedOut = 0
  const made = new Client({
    keeps: { tab: keep, device: new Memory() },
    tabs: tabs(),
    now: () => 1_000,
    onSignedOut: () => signedOut++,
    onJoined: () => undefined,
    fetch: async (input, init = {}) => {
      const headers = new Headers(init.headers)
      const one = {
        path: String(input),
        method: init.method ?? 'GET',
        bearer: headers.get('authorization'),
        body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
      }
      asked.push(one)
      const result = answer(one)
      if (result instanceof Error) throw result
      const [status, body] = result
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })
    },
  })
  return { client: made, keep, asked, signedOut: () => signedOut }
}

const token = (name: string) => ({ access: `a-${name}`, refresh: `r-${name}` })

t.test('only the refresh token is kept, and only until one signs out', async (t) => {
  const {
    client: session,
    keep,
    asked,
    signedOut,
  } = client(({ path }) => [200, path === '/api/v1/login' ? { token: token('1') } : {}])
  t.equal(await session.login('admin', 'secret', false), null)
  t.equal(keep.items.get(KEY), 'r-1')
  await session.get('/api/v1/devices')
  t.equal(asked.at(-1)?.bearer, 'Bearer a-1')
  await session.logout()
  t.equal(keep.items.size, 0)
  t.equal(signedOut(), 1)
})

t.test('a second factor takes a second step', async (t) => {
  const { client: session, asked } = client(({ path }) =>
    path === '/api/v1/login' ? [200, { temp_token: 'temp' }] : [200, { key: 'a-2', token: token('2') }],
  )
  const pending = await session.login('admin', 'secret', false)
  if (!pending) return t.fail('it is asked for')
  await session.verify(pending, '123456')
  t.strictSame(asked.at(-1)?.body, { temp_token: 'temp', token: '123456' })
  await session.get('/x')
  t.equal(asked.at(-1)?.bearer, 'Bearer a-2')
})

t.test('a session that has run out is renewed once for all who wait, and never with one token twice', async (t) => {
  let last = 1
  const {
    client: session,
    asked,
    keep,
  } = client(({ path, bearer, body }) => {
    if (path === '/api/v1/login') return [200, { token: token('1') }]
    if (path === '/api/v1/token/refresh') {
      t.strictSame(body, { refresh: `r-${last}` })
      return [200, { token: token(String(++last)) }]
    }
    return bearer === `Bearer a-${last}` && last > 1 ? [200, { ok: true }] : [401, {}]
  })
  await session.login('admin', 'secret', false)
  t.strictSame(
    await Promise.all([session.get('/a'), session.get('/b'), session.get('/c')]),
    Array(3).fill({ ok: true }),
  )
  t.equal(asked.filter(({ path }) => path === '/api/v1/token/refresh').length, 1)
  t.equal(keep.items.get(KEY), 'r-2')
})

t.test('tabs with one session renew it together, whoever begins, and sign out together', async (t) => {
  const all: ((message: unknown) => void)[] = []
  let last = 1
  let now = 1_000
  const refreshed: unknown[] = []
  const server: typeof fetch = async (input, init = {}) => {
    if (String(input).endsWith('/login')) return Response.json({ token: { access: 'a-1', refresh: 's.f.1' } })
    if (String(input).endsWith('/refresh')) {
      refreshed.push(JSON.parse(String(init.body)).refresh)
      last++
      return Response.json({ token: { access: `a-${last}`, refresh: `s.f.${last}` } })
    }
    const right = new Headers(init.headers).get('authorization') === `Bearer a-${last}`
    return new Response('{}', { status: right ? 200 : 401 })
  }
  const signedOut: number[] = []
  const tab = (number: number, keep = new Memory()) => {
    const client = new Client({
      keeps: { tab: keep, device: new Memory() },
      fetch: server,
      tabs: tabs(all, () => number / 10),
      now: () => now,
      onSignedOut: () => signedOut.push(number),
      onJoined: () => undefined,
    })
    return { client, keep }
  }
  const first = tab(1)
  await first.client.login('admin', 'secret', false)
  const copy = new Memory()
  for (const [key, value] of first.keep.items) copy.items.set(key, value)
  const second = tab(2, copy)
  t.ok(await second.client.resume())
  t.strictSame(refreshed, [], 'the other tab has what it takes')
  for (let round = 0; round < 3; round++) {
    // The access token has run out, and both notice at the same time.
    last += 10
    now += 900_000
    await Promise.all([second.client.get('/x'), first.client.get('/x')])
  }
  t.equal(refreshed.length, 3, 'once each time')
  t.equal(new Set(refreshed).size, 3, 'never with one token twice')
  t.equal(first.keep.items.get(KEY), second.keep.items.get(KEY))
  await second.client.get('/x')
  await second.client.logout()
  await tick()
  t.strictSame(signedOut.sort(), [1, 2])
  t.equal(first.keep.items.size, 0)
})

t.test('a refused refresh token signs out; a bridge out of reach does not', async (t) => {
  let reachable = true
  const {
    client: session,
    keep,
    signedOut,
  } = client(({ path }) => {
    if (!reachable) return new TypeError('no network')
    return path === '/api/v1/login/ways' ? [200, { ingress: null }] : [401, {}]
  })
  t.equal(await session.resume(), false, 'nothing kept')
  keep.setItem('thermo2mqtt.refresh', 'r')
  reachable = false
  await t.rejects(session.resume(), { status: 0, code: 'NO_CONNECTION' })
  t.ok(keep.items.has(KEY))
  reachable = true
  t.equal(await session.resume(), false)
  t.equal(keep.items.size, 0)
  t.equal(signedOut(), 1)
})

t.test('whom Home Assistant has signed in has no tokens, until it has signed them out', async (t) => {
  let name: string | null = 'olena'
  const {
    client: session,
    asked,
    keep,
    signedOut,
  } = client(({ path, bearer }) => {
    if (path === '/api/v1/login/ways') return [200, { ingress: name === null ? null : { name } }]
    return bearer === 'Ingress' && name !== null ? [200, {}] : [401, {}]
  })
  t.equal(await session.resume(), true)
  t.equal(asked[0]?.bearer, null)
  await session.get('/api/v1/me')
  t.equal(asked[1]?.bearer, 'Ingress')
  t.equal(keep.items.size, 0)
  name = null
  await t.rejects(session.get('/api/v1/me'), { status: 401, code: 'INTERNAL' })
  t.equal(signedOut(), 1)
  t.equal(await session.enterThroughIngress(), false)
  name = 'olena'
  t.equal(await session.enterThroughIngress(), true)
  await session.logout()
  t.equal(signedOut(), 2)
  await t.rejects(session.get('/api/v1/me'), { status: 401, code: 'INTERNAL' }, 'nothing is said any more')
})

t.test('failures carry the code and the words of the bridge', async (t) => {
  const { client: session } = client(({ path }) =>
    path === '/coded' ? [409, { error: { code: 'LOCKED_BOTH', message: 'No.' } }] : [502, '<html>proxy</html>'],
  )
  await t.rejects(session.get('/coded'), { status: 409, code: 'LOCKED_BOTH', message: 'No.' })
  await t.rejects(session.get('/other'), { status: 502, code: 'INTERNAL', message: 'HTTP 502' })
  t.strictSame(failureOf(new RequestError(400, 'READ_ONLY', 'x')), { code: 'READ_ONLY', message: 'x' })
  t.strictSame(failureOf('odd'), { code: 'INTERNAL', message: 'odd' })
  t.strictSame(failureOf(new Error('y')), { code: 'INTERNAL', message: 'y' })
})

t.test('files are sent as they are, and come with the name that the bridge gives them', async (t) => {
  const sent: RequestInit[] = []
  let status = 200
  const session = new Client({
    keeps: { tab: new Memory(), device: new Memory() },
    onSignedOut: () => undefined,
    onJoined: () => undefined,
    tabs: tabs(),
    now: () => 1_000,
    fetch: async (_path, init = {}) => {
      sent.push(init)
      const error = { error: { code: 'BAD_REQUEST', message: 'no', details: { reason: 'cut_off' } } }
      const headers = { 'content-disposition': 'attachment; filename="house-1.backup"' }
      return new Response(status === 200 ? 'bytes' : JSON.stringify(error), { status, headers })
    },
  })
  const { name, content } = await session.file('/api/v1/backup', {})
  t.strictSame([name, await content.text()], ['house-1.backup', 'bytes'])
  status = 400
  const file = new Blob(['x'])
  const refused = await session.send('POST', '/api/v1/restore', file).catch(failureOf)
  t.strictSame(refused, { code: 'BAD_REQUEST', message: 'no', reason: 'cut_off' })
  t.equal(sent.at(-1)?.body, file)
  t.equal(new Headers(sent.at(-1)?.headers).get('content-type'), 'application/octet-stream')
  await t.rejects(session.file('/api/v1/backup', {}), { code: 'BAD_REQUEST' })
})
