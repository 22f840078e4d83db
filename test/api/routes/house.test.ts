import t from 'tap'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { ask, codeOf, running } from '../support.ts'

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
  t.same(await get('/api/v1/house'), { rooms: [{ name: '<script>🛁', devices: [EXAMPLE_SERIAL] }] })
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
  t.same(await get('/api/v1/house'), { rooms: [] })
})
