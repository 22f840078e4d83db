/** A password that the bridge made opens nothing but the way to another one. */
import t from 'tap'
import { Passwords } from '../../../src/api/auth/credentials/passwords.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { QUICK_PASSWORDS } from '../../support/api.ts'
import { ask, codeOf, type Running, running } from '../support.ts'
import { bearer, login, post, text } from './sign-in-rig.ts'

const MADE = 'made-and-shown-in-the-log'
const OWN = 'vier bunte Gurken'

/** Somebody with a password that was made, signed in. */
async function signedIn(api: Running) {
  const hash = await new Passwords(QUICK_PASSWORDS).hash(MADE)
  api.store.users.add('olga', hash, true)
  const answer = await login(api, MADE, 'olga')
  return { access: text(answer, 'token.access'), refresh: text(answer, 'token.refresh') }
}

const change = (api: Running, access: string, next: string, current = MADE) =>
  post(api, '/password', { current, new: next }, bearer(access))

t.test('until another one is chosen, only that is open', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { access, refresh } = await signedIn(api)
  const open: string[] = []
  for (const { method, url, scope } of api.routes) {
    if (scope === 'open' || method === 'HEAD' || url.endsWith('/logout')) continue
    const path = url.replace(/:\w+/g, 'x').replace('*', 'x')
    const answer = await ask(api.port, path, { method, ...bearer(access) })
    const refused = answer.status === 403 && /"reason":"password_made"/.test(answer.text)
    if (!refused) open.push(`${method} ${url}`)
  }
  t.same(open.sort(), ['GET /api/v1/me', 'POST /api/v1/password'])
  t.match((await ask(api.port, '/api/v1/me', bearer(access))).json, { user: { password_made: true } })
  const next = text(await post(api, '/token/refresh', { refresh }), 'token.access')
  t.equal((await ask(api.port, '/api/v1/devices', bearer(next))).status, 403, 'nor does a new pair open more')
  t.equal((await ask(api.port, '/nothing', bearer(next))).status, 403)
  const basic = `Basic ${Buffer.from(`olga:${MADE}`).toString('base64')}`
  const metrics = await ask(api.port, '/metrics', { authorization: basic })
  t.match([metrics.status, metrics.text], [401, /First choose your own/])
  t.equal((await post(api, '/logout', undefined, bearer(next))).status, 200)
})

t.test('another one opens everything, and has to be another', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { access } = await signedIn(api)
  const refused = async (next: string) => {
    const answer = await change(api, access, next)
    t.match([answer.status, codeOf(answer)], [400, 'BAD_REQUEST'])
    t.ok(answer.json && 'new' in (answer.json as object), 'by field')
    return answer.text
  }
  t.match(await refused(MADE), /"reason":"same_password"/)
  for (const common of ['Passw0rd2024', 'qwerty123456', 'Olga1990']) {
    t.match(await refused(common), /"reason":"common_password"/, common)
  }
  t.equal((await change(api, access, OWN)).status, 200)
  t.match((await ask(api.port, '/api/v1/me', bearer(access))).json, { user: { password_made: false } })
  const token = await post(api, '/tokens', { name: 'program', scopes: ['read'] }, bearer(access))
  t.equal(token.status, 201, 'the same session goes on')
  t.equal((await login(api, OWN, 'olga')).status, 200)
})

t.test('a hash made anew at another cost, or a session in memory, changes nothing of it', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const old = await new Passwords({ ...QUICK_PASSWORDS, logN: 5 }).hash(MADE)
  api.store.users.add('taras', old, true)
  await login(api, MADE, 'taras')
  const user = api.store.users.byName('taras')
  t.not(user?.password, old, 'hashed anew')
  t.ok(user?.passwordMade)
  api.store.userSessions.add = () => {
    throw new BridgeError('INTERNAL', 'the disk is full')
  }
  const access = text(await login(api, MADE, 'taras'), 'token.access')
  t.equal((await ask(api.port, '/api/v1/me', bearer(access))).status, 200)
  t.equal((await ask(api.port, '/api/v1/devices', bearer(access))).status, 403)
})
