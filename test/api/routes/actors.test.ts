/** Who is named in the log of a device for what comes over REST. */
import t from 'tap'
import { actorOf } from '../../../src/api/auth/actor.ts'
import type { Identity } from '../../../src/api/auth/authenticator.ts'
import { hashOf, newToken } from '../../../src/api/auth/credentials/tokens.ts'
import { signIn } from '../../support/api.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { ask, codeOf, emptyLog, fakes, NO_HOUSEKEEPING, PASSWORD, running } from '../support.ts'

const DEVICE = `/api/v1/devices/${EXAMPLE_SERIAL}`
const OTHER = '404CCAAAD4E8A89860609800000149'
const MONDAY = { floor: { monday: [{ time: '06:00', temperature: 24 }] } }

t.test('every route for commands tells who asks', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const week = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] }
  api.devices.add(exampleView('ax', { schedule: { floor: week, air: null } }))
  api.devices.add(exampleView('ax', { serial: OTHER }))
  const { authorization } = await signIn(`http://127.0.0.1:${api.port}`, PASSWORD)
  const file = { version: 1, schedules: { [OTHER]: { name: 'x', model: 'ax', ...MONDAY } } }
  const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
    ['PATCH', `${DEVICE}/state`, { target_temperature: 22 }],
    ['POST', `${DEVICE}/actions/blink`],
    ['PUT', `${DEVICE}/schedule`, MONDAY],
    ['PUT', `${DEVICE}/schedule/floor/monday`, MONDAY.floor.monday],
    ['POST', `${DEVICE}/schedule/copy`, { to: [OTHER] }],
    ['PUT', '/api/v1/schedules', file],
    ['PUT', '/api/v1/house/mode', { mode: 'off', devices: [OTHER] }],
  ]
  const wrong: unknown[] = []
  for (const [method, path, body] of requests) {
    api.devices.actors.length = 0
    const options = { method, authorization, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const { status, text } = await ask(api.port, path, options)
    const [by] = api.devices.actors
    if (status !== 200 || by?.via !== 'user' || by.name !== 'admin') wrong.push([path, status, text, by])
  }
  t.strictSame(wrong, [])
  t.match(api.devices.actors, [{ via: 'user', name: 'admin', house: 'off' }], 'for the house, with its mode')
  await ask(api.port, `${DEVICE}/actions/blink`, { method: 'POST' })
  t.strictSame(api.devices.actors.at(-1), { via: 'token', name: 'all' })
})

t.test('the command line is named as such, and no token can pretend to be it', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  const token = newToken('api')
  const name = 'command line, pi'
  api.store.apiTokens.add({ id: 'cli', name, scopes: ['control'], createdBy: 'pi', expires: null }, hashOf(token))
  await ask(api.port, `${DEVICE}/actions/blink`, { method: 'POST', authorization: `Bearer ${token}` })
  t.strictSame(api.devices.actors, [{ via: 'command_line', name: 'pi' }])
  const { authorization } = await signIn(`http://127.0.0.1:${api.port}`, PASSWORD)
  const body = JSON.stringify({ name, scopes: ['control'] })
  t.equal(codeOf(await ask(api.port, '/api/v1/tokens', { method: 'POST', authorization, body })), 'BAD_REQUEST')
})

t.test('somebody whom Home Assistant has signed in is a person', async (t) => {
  const scopes = new Set<never>()
  const identity: Identity = {
    name: 'homeassistant:Оленка',
    via: 'ingress',
    role: 'control',
    scopes,
    userId: null,
    grant: null,
  }
  t.strictSame(actorOf(identity), { via: 'user', name: 'Оленка' })
})

t.test('the diagnostics hide who asked, also those who are gone by now', async (t) => {
  const details = { by: { via: 'user', name: 'Olena Ivanivna' }, what: 'set' }
  const message = 'Olena Ivanivna set mode from off to heat.'
  const event = { id: 1, at: 1, type: 'command', serial: EXAMPLE_SERIAL, account: null, message, details }
  const api = await running({
    housekeeping: { ...NO_HOUSEKEEPING, log: emptyLog(fakes()), events: { page: () => [event] } },
  })
  t.teardown(() => api.close())
  const { text, json } = await ask(api.port, '/api/v1/diagnostics')
  t.match(json, { events: [{ message: 'user-1 set mode from off to heat.', details: { by: { name: 'user-1' } } }] })
  t.notMatch(text, /Olena/)
  t.match((await ask(api.port, `/api/v1/log`)).json, { events: [{ details: { by: { name: 'Olena Ivanivna' } } }] })
})
