import t from 'tap'
import { hashOf } from '../../../src/api/auth/credentials/tokens.ts'
import { isObject } from '../../../src/core/json.ts'
import { signIn } from '../../support/api.ts'
import { EXAMPLE_SERIAL } from '../../support/fake-bridge.ts'
import { type Ask, ask, BEARER, PASSWORD, type Running, running } from '../support.ts'

const asUser = async (api: Running) => {
  const { authorization } = await signIn(`http://127.0.0.1:${api.port}`, PASSWORD)
  return (method: string, path: string, body?: unknown) =>
    ask(api.port, `/api/v1${path}`, {
      method,
      authorization,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
}

const textOf = (json: unknown, name: string): string => (isObject(json) ? String(json[name]) : '')

t.test('an API token: shown once, hashed, scoped, used, revoked', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  const user = await asUser(api)
  const made = await user('POST', '/tokens', { name: 'Heating <script>', scopes: ['control'] })
  t.equal(made.status, 201)
  const token = textOf(made.json, 'token')
  const id = textOf(made.json, 'id')
  t.match(token, /^t2m_[\w-]{43}$/)
  t.match(made.json, {
    name: 'Heating <script>',
    scopes: ['control'],
    created_by: 'admin',
    expires: null,
    last_used: null,
  })
  const mine: Ask = { authorization: `Bearer ${token}`, method: 'POST' }
  const blink = () => ask(api.port, `/api/v1/devices/${EXAMPLE_SERIAL}/actions/blink`, mine)
  t.equal((await blink()).status, 200)
  const shown = async () =>
    (await user('GET', '/tokens')).json as { tokens: { id: string; last_used: string | null }[] }
  const lastUsed = async () => (await shown()).tokens.find((each) => each.id === id)?.last_used
  const first = await lastUsed()
  t.equal(first, new Date(api.clock.now()).toISOString())
  await api.clock.advance(30_000)
  await blink()
  t.equal(await lastUsed(), first, 'written once a minute')
  await api.clock.advance(30_000)
  await blink()
  t.not(await lastUsed(), first)
  t.notMatch(JSON.stringify(await shown()), token.slice(4))
  t.ok(api.store.apiTokens.byHash(hashOf(token)), 'by its hash alone')
  t.same((await user('DELETE', `/tokens/${id}`)).json, { ok: true })
  t.equal((await blink()).status, 401, 'at once')
  t.equal((await user('DELETE', `/tokens/${id}`)).status, 404)
})

t.test('expiry', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const user = await asUser(api)
  const expires = new Date(api.clock.now() + 60_000).toISOString()
  const made = await user('POST', '/tokens', { name: 'a', scopes: ['read'], expires })
  t.match(made, { status: 201, json: { expires } })
  const get = () => ask(api.port, '/api/v1/devices', { authorization: `Bearer ${textOf(made.json, 'token')}` })
  t.equal((await get()).status, 200)
  await api.clock.advance(60_000)
  t.match(await get(), { status: 401, json: { error: { message: /has expired/ } } })
})

t.test('tokens that are refused', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const user = await asUser(api)
  const good = { name: 'a', scopes: ['read'] }
  for (const bad of [
    {},
    { ...good, name: '' },
    { ...good, name: 'x'.repeat(65) },
    { ...good, scopes: [] },
    { ...good, scopes: ['root'] },
    { ...good, scopes: ['read', 'read'] },
    { ...good, scopes: 'read' },
    { ...good, expires: 'tomorrow' },
    { ...good, expires: '2001-01-01T00:00:00Z' },
    { ...good, expires: 1 },
    { ...good, token: 'of my own' },
  ]) {
    t.equal((await user('POST', '/tokens', bad)).status, 400, JSON.stringify(bad))
  }
  for (let i = 0; i < 199; i++) await user('POST', '/tokens', good)
  t.match((await user('POST', '/tokens', good)).json, { error: { message: /200 tokens already/ } })
})

t.test('a store that cannot be written keeps no token out', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.store.apiTokens.used = () => {
    throw new Error('the disk is full')
  }
  api.store.audit.add = () => {
    throw new Error('the disk is full')
  }
  api.devices.add()
  const path = `/api/v1/devices/${EXAMPLE_SERIAL}/actions/blink`
  for (let i = 0; i < 3; i++)
    t.equal((await ask(api.port, path, { method: 'POST', authorization: BEARER })).status, 200)
  await api.clock.advance(1_000)
  t.equal(api.lines.filter(({ level }) => level === 'error').length, 2, 'told once each')
})

t.test('the name of a token is one visible line, for the log of a device has it in its sentences', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const user = await asUser(api)
  const made = async (name: string) => (await user('POST', '/tokens', { name, scopes: ['read'] })).status
  const unseen = ['two\nlines', '\u202eAssistant', 'nothing\u200b', '\u0000', 'line\u2028line', '\u2066x']
  t.strictSame(
    await Promise.all(unseen.map(made)),
    unseen.map(() => 400),
  )
  t.equal(await made('Панель 👨‍👩‍👧 „Küche“'), 201)
})

t.test('the audit log', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  const user = await asUser(api)
  await user('GET', '/devices')
  await user('PATCH', `/devices/${EXAMPLE_SERIAL}/state`, { brightness: 3, password: 'hunter2-secret' })
  await user('PATCH', `/devices/${EXAMPLE_SERIAL}/state`, { nested: {} })
  await ask(api.port, '/api/v1/cloud/accounts/home/sync', { method: 'POST' })
  await ask(api.port, '/api/v1/login', {
    method: 'POST',
    authorization: null,
    body: '{"username":"hunter2-typed-here","password":"x"}',
  })
  const made = await user('POST', '/tokens', { name: 'mine', scopes: ['read'] })
  await user('POST', '/password', { current: 'hunter2-current', new: 'hunter2-new' })
  await ask(api.port, `/api/v1/devices/${EXAMPLE_SERIAL}/state`, { method: 'PATCH', authorization: null, body: '{}' })
  const { json, text } = await user('GET', '/audit')
  const { entries } = json as { entries: Record<string, unknown>[] }
  t.same(
    entries.map(({ who, via, action, target, outcome }) => [who, via, action, target, outcome]),
    [
      ['admin', 'session', 'changePassword', null, 'BAD_REQUEST'],
      ['admin', 'session', 'createToken', textOf(made.json, 'id'), 'ok'],
      [null, 'none', 'login', null, 'UNAUTHORIZED'],
      ['token:all', 'token', 'syncAccount', 'home', 'ok'],
      ['admin', 'session', 'setState', EXAMPLE_SERIAL, 'BAD_REQUEST'],
      ['admin', 'session', 'setState', EXAMPLE_SERIAL, 'ok'],
      ['admin', 'session', 'login', 'admin', 'ok'],
    ],
    'changes and who tried, the newest first',
  )
  t.equal(entries[5]?.details, '{"brightness":3,"password":"********"}')
  t.match(entries[0], { at: /T/, address: '127.0.0.1' })
  // Ids may hold any letters, those that tokens begin with too.
  t.notMatch(text, /hunter2/)
  t.notOk(text.includes(textOf(made.json, 'token')))
  const page = (await user('GET', '/audit?limit=2')).json as { entries: { id: number }[]; next: number }
  t.equal(page.entries.length, 2)
  t.equal(page.next, page.entries[1]?.id)
  const rest = (await user('GET', `/audit?before=${page.next}&limit=500`)).json as { entries: unknown[]; next: unknown }
  t.match(rest, { next: null })
  t.equal(rest.entries.length, 5)
  for (const bad of ['limit=0', 'limit=1000', 'limit=x', 'before=-1', 'order=asc', 'limit=1&limit=2']) {
    t.equal((await user('GET', `/audit?${bad}`)).status, 400, bad)
  }
})

t.test('a token is given out when it is on the disk, and not when the disk refuses it', async (t) => {
  let disk = () => Promise.resolve()
  let waits = 0
  const durable = () => {
    waits++
    return disk()
  }
  const api = await running({ durable })
  t.teardown(() => api.close())
  api.devices.add()
  const user = await asUser(api)
  const make = () => user('POST', '/tokens', { name: 'x', scopes: ['read'] })
  const slow = Promise.withResolvers<void>()
  disk = () => slow.promise
  waits = 0
  let told = false
  const made = make().finally(() => {
    told = true
  })
  t.match(await user('GET', '/tokens'), { status: 200 }, 'who only asks does not wait')
  t.match(await user('POST', `/devices/${EXAMPLE_SERIAL}/actions/blink`), { status: 200 }, 'nor does a command')
  while (waits === 0 && !told) await new Promise((resolve) => setTimeout(resolve, 1))
  t.notOk(told)
  slow.resolve()
  t.match(await made, { status: 201, json: { token: /^t2m_/ } })
  disk = () => Promise.reject(new Error('EIO'))
  const { status, text } = await make()
  t.equal(status, 500)
  t.notMatch(text, /t2m_/)
})
