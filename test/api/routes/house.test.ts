import t from 'tap'
import { Value } from 'typebox/value'
import { apiSchemas } from '../../../src/api/schemas/index.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { ask, codeOf, running } from '../support.ts'

const schemas = apiSchemas()
const DEVICE = `/api/v1/devices/${EXAMPLE_SERIAL}`

t.test('rooms', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add(exampleView('ax', { name: 'Bathroom 2' }))
  const send = (method: string, path: string, body: object) =>
    ask(api.port, path, { method, body: JSON.stringify(body) })
  const get = async (path: string) => (await ask(api.port, path)).json
  const put = (body: object) => send('PATCH', DEVICE, body)
  t.match(await get(DEVICE), { room: null, suggested_room: 'Bathroom' })
  t.match((await put({ room: '<script>🛁' })).json, { room: '<script>🛁', suggested_room: null, name: 'Bathroom 2' })
  t.match(await get('/api/v1/house'), { rooms: [{ name: '<script>🛁', devices: [EXAMPLE_SERIAL] }] })
  const rooms = '/api/v1/house/rooms'
  t.match((await send('PATCH', rooms, { room: '<script>🛁', name: 'Bath' })).json, {
    rooms: [{ name: 'Bath' }],
  })
  t.match((await send('PUT', rooms, { rooms: ['Bath'] })).json, { rooms: [{ name: 'Bath' }] })
  const refused = [
    await put({ room: 'x'.repeat(300) }),
    await put({ room: 'x'.repeat(65) }),
    await put({ room: 7 }),
    await put({}),
    await send('PUT', rooms, { rooms: ['Cellar'] }),
    await send('PATCH', rooms, { room: 'Cellar', name: null }),
  ]
  t.same(
    refused.map((answer) => codeOf(answer)),
    refused.map(() => 'BAD_REQUEST'),
  )
  t.match((await put({ name: 'Bath', room: null })).json, { name: 'Bath', room: null })
  t.match(await get('/api/v1/house'), { rooms: [] })
})

t.test('a mode of the house', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const OTHER = '20001E1200000000000000000ABCDE'
  api.devices.add(exampleView('ax', { name: 'Bathroom' }))
  api.devices.add(exampleView('ax', { name: 'Attic', serial: OTHER, online: false }))
  const put = (body: object) => ask(api.port, '/api/v1/house/mode', { method: 'PUT', body: JSON.stringify(body) })
  const answer = await put({ mode: 'off', until: '2026-01-20T18:00:00+02:00' })
  const until = '2026-01-20T16:00:00.000Z'
  t.same(answer.json, {
    mode: 'off',
    until,
    room: null,
    devices: [
      { serial: EXAMPLE_SERIAL, name: 'Bathroom', mode: 'off', until, outcome: 'done', error: null },
      { serial: OTHER, name: 'Attic', mode: 'off', until, outcome: 'waiting', error: null },
    ],
  })
  t.ok(Value.Check(schemas.houseChange, answer.json))
  t.equal(api.devices.get(EXAMPLE_SERIAL)?.state.power_off, true)
  const house = (await ask(api.port, '/api/v1/house')).json
  t.match(house, { mode: 'off', until, counts: { done: 1, waiting: 1 }, devices: [{ outcome: 'done' }, {}] })
  t.ok(Value.Check(schemas.wholeHouse, house))
  api.devices.onSet = () => {
    throw new BridgeError('LAN_LOCKED', 'Locked.')
  }
  t.match((await put({ mode: 'normal', devices: [EXAMPLE_SERIAL] })).json, {
    devices: [{ outcome: 'failed', error: { code: 'LAN_LOCKED', message: 'Locked.' } }],
  })
  const refused = [
    await put({ mode: 'holiday' }),
    await put({ mode: 'away', until: 'soon' }),
    await put({ mode: 'away', until: '2020-01-01T00:00:00Z' }),
    await put({ mode: 'away', room: 'x'.repeat(300) }),
    await put({ mode: 'away', devices: [] }),
    await put({ mode: 'away', devices: ['30001E1200000000000000000ABCDE'] }),
    await put({ mode: 'away', colour: 'red' }),
  ]
  const expected = [
    'BAD_REQUEST',
    'BAD_REQUEST',
    'OUT_OF_RANGE',
    'BAD_REQUEST',
    'BAD_REQUEST',
    'UNKNOWN_DEVICE',
    'BAD_REQUEST',
  ]
  t.same(
    refused.map((one) => codeOf(one)),
    expected,
  )
})
