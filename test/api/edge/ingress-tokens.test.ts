/** API tokens that somebody made through the ingress of Home Assistant, which asks from 127.0.0.2 here. */
import t, { type Test } from 'tap'
import type { IngressSettings } from '../../../src/api/edge/ingress.ts'
import { createApi } from '../../../src/api/index.ts'
import { accessOptions, ask, fakes, testStore } from '../support.ts'

const PROXY = '127.0.0.2'
const ID = '0123456789abcdef0123456789abcdef'
const EVERYBODY: IngressSettings = { proxy: PROXY, users: [], role: 'administer', administrators: [] }

type Headers = Readonly<Record<string, string>>

/** A store that outlives the bridges on it, each of which has its own settings. */
function house(t: Test) {
  const parts = fakes()
  const { store, remove } = testStore(parts)
  t.teardown(remove)
  /** Starts a bridge, runs something with its port, and stops it. */
  const during = async <T>(settings: Partial<IngressSettings>, run: (port: number) => Promise<T>): Promise<T> => {
    const ingress = { ...EVERYBODY, ...settings }
    const options = { ...parts, host: '127.0.0.1', port: 0, access: accessOptions(store), readiness: () => ({}) }
    const api = createApi({ ...options, ingress, version: '1' })
    const { port } = await api.start()
    try {
      return await run(port)
    } finally {
      await parts.clock.until(api.stop(), 500)
    }
  }
  const make = (headers: Headers) =>
    during({}, async (port) => {
      const body = JSON.stringify({ name: 'planner', role: 'administer' })
      const asked = { authorization: 'Ingress', localAddress: PROXY, method: 'POST', headers, body }
      const { status, json } = await ask(port, '/api/v1/tokens', asked)
      t.equal(status, 201)
      return String(Object(json).token)
    })
  /** What a token may do with other settings, and what the list says of it. */
  const scopes = (token: string, settings: Partial<IngressSettings>) =>
    during(settings, async (port) => {
      const { status, json } = await ask(port, '/api/v1/me', { authorization: `Bearer ${token}` })
      return status === 200 ? Object(json).scopes.join() : status
    })
  return { make, scopes, during }
}

const named = (name: string): Headers => ({ 'X-Remote-User-Id': ID, 'X-Remote-User-Name': name })

t.test('such a token can do what its maker may do now', async (t) => {
  const { make, scopes, during } = house(t)
  const token = await make(named('Olena'))
  const all = 'read,control,admin'
  const rows: readonly (readonly [string, Partial<IngressSettings>, unknown])[] = [
    ['as it was', {}, all],
    ['another role for all', { role: 'control' }, 'read,control'],
    ['a lower one', { role: 'look' }, 'read'],
    ['named among those who administer', { role: 'look', administrators: ['olena'] }, all],
    ['others are', { role: 'look', administrators: ['petro', 'olena2'] }, 'read'],
    ['still let in', { users: ['OLENA'] }, all],
    ['no longer let in', { users: ['petro'] }, 403],
    ['not even as one who administers', { users: ['petro'], administrators: ['olena'] }, 403],
    ['without the ingress', { proxy: null }, 403],
    ['and again', {}, all],
  ]
  for (const [when, settings, wanted] of rows) t.equal(await scopes(token, settings), wanted, when)
  const listed = await during({ role: 'look' }, async (port) => Object((await ask(port, '/api/v1/tokens')).json).tokens)
  t.match(
    listed.find(({ name }: { name: string }) => name === 'planner'),
    { scopes: ['read'], created_by: 'homeassistant:Olena' },
    'the list says so, too',
  )
})

t.test('nobody is taken for another by a name that they chose', async (t) => {
  const { make, scopes } = house(t)
  const shown = (name: string): Headers => ({
    'X-Remote-User-Id': ID,
    'X-Remote-User-Display-Name': name,
  })
  const latin1 = (name: string) => Buffer.from(name).toString('latin1')
  const pretenders = [
    shown('olena'),
    named(latin1('olena\u200b')),
    named(latin1('\u202eolena')),
    named(`olena${'a'.repeat(100)}`),
  ]
  for (const headers of pretenders) {
    const token = await make(headers)
    const who = JSON.stringify(headers)
    t.equal(await scopes(token, { role: 'look', administrators: ['olena'] }), 'read', who)
    t.equal(await scopes(token, { users: ['olena'] }), 403, who)
  }
})

t.test('tokens that others made are as before', async (t) => {
  const { during } = house(t)
  const { status } = await during({ proxy: null }, (port) => ask(port, '/api/v1/tokens'))
  t.equal(status, 200, 'that of the machine')
})
