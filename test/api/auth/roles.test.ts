/** What each role may do, and who gives roles. */
import t, { type Test } from 'tap'
import { ROLES, type Role } from '../../../src/api/auth/ports.ts'
import { isObject } from '../../../src/core/json.ts'
import { eventually } from '../../support/eventually.ts'
import { EXAMPLE_SERIAL } from '../../support/fake-bridge.ts'
import { type Ask, ask, codeOf, PASSWORD, type Running, running } from '../support.ts'
import { bearer, login, text } from './sign-in-rig.ts'

const CHOSEN = 'vier bunte Gurken'
const NEEDS: Readonly<Record<string, Role>> = { read: 'look', control: 'control', admin: 'administer' }

/** Signs in as the administrator made at the start. */
async function administrator(api: Running) {
  const access = text(await login(api), 'token.access')
  return person(api, access)
}

const person =
  (api: Running, access: string) =>
  (method: string, path: string, body?: unknown, options: Ask = {}) =>
    ask(api.port, `/api/v1${path}`, {
      ...bearer(access),
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...options,
    })

/** Adds a user over REST who has chosen a password of their own, and signs them in. */
async function signedIn(api: Running, admin: ReturnType<typeof person>, name: string, role: Role) {
  const made = await admin('POST', '/users', { name, role, password: PASSWORD })
  const first = person(api, text(await login(api, text(made, 'new_password'), name), 'token.access'))
  await first('POST', '/password', { current: text(made, 'new_password'), new: CHOSEN })
  const access = text(await login(api, CHOSEN, name), 'token.access')
  const { json } = made
  return { id: isObject(json) ? Number(json.id) : 0, access, as: person(api, access) }
}

async function house(t: Test) {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  return { api, admin: await administrator(api) }
}

/** A request that reaches a route as it is registered. */
const example = (url: string): string =>
  url
    .replace(':action', 'blink')
    .replace('accounts/:id', 'accounts/home')
    .replace(/(tokens|sessions)\/:id/, '$1/none')
    .replace('users/:id', 'users/999')
    .replace(':id', EXAMPLE_SERIAL)
    .replace('*', 'swagger-ui.css')

/** The operations of an OpenAPI document whose descriptions lack something. */
function operationsWithout(document: unknown, wanted: RegExp): string[] {
  const paths = isObject(document) && isObject(document.paths) ? document.paths : {}
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(Object(item)).flatMap(([method, operation]) =>
      wanted.test(String(Object(operation).description)) ? [] : [`${method} ${path}`],
    ),
  )
}

t.test('every route of the OpenAPI document × every role', async (t) => {
  const { api, admin } = await house(t)
  const { json } = await ask(api.port, '/openapi.json')
  const paths = isObject(json) && isObject(json.paths) ? Object.keys(json.paths) : []
  const documented = new Set(paths.map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1')))
  const unlisted = api.routes.filter(({ url, hidden }) => !hidden && !documented.has(url))
  t.same(unlisted, [], 'the document lists every route')
  t.same(operationsWithout(json, /For users with (every role|the role)|Needs no sign-in/), [], 'and says who may')
  t.ok(documented.size > 50)
  const wrong: string[] = []
  for (const role of ROLES) {
    const { access } = await signedIn(api, admin, `the-${role}`, role)
    for (const { method, url, scope } of api.routes) {
      if (scope === 'open' || url === '/api/v1/logout') continue
      const answer = await fetch(`http://127.0.0.1:${api.port}${example(url)}`, {
        method,
        headers: { authorization: `Bearer ${access}`, connection: 'close' },
      })
      const forbidden = answer.status === 403
      const may = ROLES.indexOf(role) >= ROLES.indexOf(NEEDS[scope] ?? 'administer')
      if (forbidden === may) wrong.push(`${role}: ${method} ${url} ${answer.status}`)
      if (forbidden && !may && method !== 'HEAD') {
        const body = JSON.stringify(await answer.json())
        if (!body.includes(`"needed":"${NEEDS[scope]}"`) || !/needs the role/.test(body)) wrong.push(body)
      } else await answer.body?.cancel()
    }
  }
  t.same(wrong, [])
})

t.test('who looks commands nothing, has a password of their own, and sees sessions of their own alone', async (t) => {
  const { api, admin } = await house(t)
  const { as } = await signedIn(api, admin, 'olga', 'look')
  const { as: heater } = await signedIn(api, admin, 'taras', 'control')
  const state = `/devices/${EXAMPLE_SERIAL}/state`
  const before = api.devices.calls.length
  t.match(await as('PATCH', state, { brightness: 3 }), {
    status: 403,
    json: { error: { code: 'FORBIDDEN', message: /needs the role control; you have the role look/ } },
  })
  t.match(await as('PUT', '/house/mode', { mode: 'off' }), { status: 403 })
  t.match(await as('PATCH', `/devices/${EXAMPLE_SERIAL}`, { name: 'mine' }), { status: 403 })
  t.match(await as('POST', '/tokens', { name: 'mine', role: 'administer' }), { status: 403 })
  t.match(await as('POST', '/users', { name: 'me', role: 'administer', password: CHOSEN }), { status: 403 })
  t.match(await as('PATCH', '/users/2', { role: 'administer', password: CHOSEN }), { status: 403 })
  t.equal(api.devices.calls.length, before)
  t.match(await heater('PATCH', state, { brightness: 3 }), { status: 200 })
  t.match(await heater('PATCH', '/settings', {}), { status: 403 })
  t.match(await heater('GET', '/diagnostics'), { status: 403 })
  t.match((await as('GET', '/me')).json, { name: 'olga', role: 'look', scopes: ['read'] })
  const sessions = async (who: typeof as) =>
    Object((await who('GET', '/sessions')).json).sessions as { id: string; user: string }[]
  t.same([...new Set((await sessions(as)).map(({ user }) => user))], ['olga'])
  t.ok((await sessions(admin)).length > 3)
  const other = (await sessions(admin)).find(({ user }) => user === 'admin')?.id
  t.equal((await as('DELETE', `/sessions/${other}`)).status, 404, 'as if it were not there')
  t.match(await as('POST', '/password', { current: CHOSEN, new: 'fünf grüne Äpfel' }), { status: 200 })
  t.match(await as('POST', '/auth/totp/setup'), { status: 201 })
})

t.test('users that are refused, and names that are no names', async (t) => {
  const { api, admin } = await house(t)
  const good = { name: 'olga', role: 'look', password: PASSWORD }
  const refused: string[] = []
  for (const bad of [
    {},
    { ...good, name: '' },
    { ...good, name: '<script>alert(1)</script>' },
    { ...good, name: 'x'.repeat(300) },
    { ...good, name: '🏠' },
    { ...good, name: 'Олена' },
    { ...good, name: 'olga\u0000' },
    { ...good, name: ' olga' },
    { ...good, name: 'ADMIN' },
    { ...good, role: 'root' },
    { ...good, role: ['look'] },
    { ...good, password: 'wrong' },
    { ...good, new_password: 'of my own' },
  ]) {
    const answer = await admin('POST', '/users', bad)
    if (answer.status !== 400) refused.push(`${JSON.stringify(bad)}: ${answer.status}`)
  }
  t.same(refused, [])
  t.equal(api.access.people.list().length, 1)
  for (let i = 1; i < 100; i++) api.store.users.add(`user-${i}`, null)
  t.match(await admin('POST', '/users', good), { status: 400, json: { error: { message: /100 users already/ } } })
})

t.test('the last administrator stays one; two who demote each other at once leave one', async (t) => {
  const { api, admin } = await house(t)
  const first = api.store.users.byName('admin')?.id ?? 0
  const api2 = await signedIn(api, admin, 'olga', 'administer')
  await admin('PATCH', `/users/${api2.id}`, { role: 'control', password: PASSWORD })
  // The first administrator's password is set by the configuration of this bridge: that one is never demoted.
  t.match(await admin('PATCH', `/users/${first}`, { role: 'look', password: PASSWORD }), { status: 400 })
  t.match(await admin('DELETE', `/users/${first}`), { status: 400 })
  const one = await signedIn(api, admin, 'one', 'administer')
  const two = await signedIn(api, admin, 'two', 'administer')
  api.store.users.setRole(first, 'look')
  const answers = await Promise.all([
    one.as('PATCH', `/users/${two.id}`, { role: 'look', password: CHOSEN }),
    two.as('PATCH', `/users/${one.id}`, { role: 'look', password: CHOSEN }),
  ])
  t.same(answers.map(({ status }) => status).toSorted(), [200, 403])
  const left = api.store.users.list().filter(({ role }) => role === 'administer')
  t.equal(left.length, 1)
  const last = left[0]?.name === 'one' ? one : two
  t.match(await last.as('PATCH', `/users/${last.id}`, { role: 'look', password: CHOSEN }), {
    status: 400,
    json: { error: { message: /Nobody else administers/ } },
  })
  t.match(await last.as('DELETE', `/users/${last.id}`), { status: 400 })
})

t.test('another role and a removal hold at once, for sessions, tokens and event streams', async (t) => {
  const { api, admin } = await house(t)
  const olga = await signedIn(api, admin, 'olga', 'administer')
  const token = (await olga.as('POST', '/tokens', { name: 'script', role: 'administer' })).json
  t.match(token, { role: 'administer', scopes: ['read', 'control', 'admin'] })
  const program = person(api, String(Object(token).token))
  t.equal((await program('GET', '/audit')).status, 200)
  let over = 0
  const listen = async () => {
    const stream = await fetch(`http://127.0.0.1:${api.port}/api/v1/events`, {
      headers: { authorization: `Bearer ${olga.access}` },
    })
    stream.text().then(() => over++)
    return stream.status
  }
  t.equal(await listen(), 200)
  const changed = await admin('PATCH', `/users/${olga.id}`, { role: 'look', password: PASSWORD })
  t.match(changed, { status: 200, json: { name: 'olga', role: 'look' } })
  await eventually('the stream ends', () => over === 1)
  t.match((await olga.as('GET', '/me')).json, { role: 'look' }, 'the session goes on, with the new role')
  t.equal((await olga.as('GET', '/audit')).status, 403)
  t.equal((await program('GET', '/audit')).status, 403, 'a token never does more than who made it')
  t.equal((await program('GET', '/devices')).status, 200)
  t.equal(await listen(), 200)
  // By another process: `thermo2mqtt user`.
  api.store.users.setRole(olga.id, 'control')
  t.match((await olga.as('GET', '/me')).json, { role: 'control' })
  await api.clock.advance(25_000)
  await eventually('the next one, too', () => over === 2)
  t.equal(await listen(), 200)
  t.match(await admin('DELETE', `/users/${olga.id}`), { status: 200 })
  await eventually('and the last', () => over === 3)
  t.equal((await olga.as('GET', '/me')).status, 401)
  t.equal((await program('GET', '/devices')).status, 401)
  t.equal((await login(api, CHOSEN, 'olga')).status, 401)
})

t.test('a password that is reset ends all sessions and is to be replaced', async (t) => {
  const { api, admin } = await house(t)
  const olga = await signedIn(api, admin, 'olga', 'control')
  t.match(await admin('POST', `/users/${olga.id}/password`, { password: 'wrong' }), { status: 400 })
  t.equal((await olga.as('GET', '/me')).status, 200)
  const reset = await admin('POST', `/users/${olga.id}/password`, { password: PASSWORD })
  t.equal((await olga.as('GET', '/me')).status, 401)
  t.equal((await login(api, CHOSEN, 'olga')).status, 401)
  const again = person(api, text(await login(api, text(reset, 'new_password'), 'olga'), 'token.access'))
  t.match((await again('GET', '/devices')).json, { error: { details: { reason: 'password_made' } } })
  t.match(await admin('POST', '/users/999/password', { password: PASSWORD }), { status: 404 })
})

t.test('forged roles, tokens with a role, and the audit log', async (t) => {
  const { api, admin } = await house(t)
  const olga = await signedIn(api, admin, 'olga', 'look')
  const forged = await olga.as('GET', '/audit', undefined, { headers: { 'x-role': 'administer', role: 'administer' } })
  t.equal(forged.status, 403)
  t.equal((await olga.as('GET', '/audit?role=administer')).status, 403)
  t.equal(codeOf(await admin('POST', '/tokens', { name: 'a', role: 'look', scopes: ['admin'] })), 'BAD_REQUEST')
  t.equal(codeOf(await admin('POST', '/tokens', { name: 'a', role: 'root' })), 'BAD_REQUEST')
  const made = await admin('POST', '/tokens', { name: 'looks', role: 'look' })
  t.match(made.json, { role: 'look', scopes: ['read'] })
  const looks = person(api, text(made, 'token'))
  t.equal((await looks('POST', `/devices/${EXAMPLE_SERIAL}/actions/blink`)).status, 403)
  const every = person(api, text(await admin('POST', '/tokens', { name: 'all', role: 'administer' }), 'token'))
  t.equal((await every('POST', '/users', { name: 'x', role: 'administer', password: PASSWORD })).status, 403)
  t.equal((await every('GET', '/users')).status, 200)
  await admin('PATCH', `/users/${olga.id}`, { role: 'control', password: PASSWORD })
  await admin('POST', `/users/${olga.id}/password`, { password: PASSWORD })
  await admin('DELETE', `/users/${olga.id}`)
  const { text: log, json } = await admin('GET', '/audit')
  const rows = Object(json).entries as { action: string; target: string; details: string; who: string }[]
  const of = (name: string) => rows.find(({ action, who }) => action === name && who === 'admin')
  t.match(of('addUser'), { target: 'olga', details: '{"name":"olga","role":"look","password":"********"}' })
  t.match(of('changeUser'), { target: 'olga', details: '{"role":"control","password":"********"}' })
  t.match(of('resetPassword'), { target: 'olga' })
  t.match(of('removeUser'), { target: 'olga' })
  t.notMatch(log, new RegExp(PASSWORD))
})
