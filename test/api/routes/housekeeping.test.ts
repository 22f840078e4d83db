import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import type { Housekeeping } from '../../../src/api/views/housekeeping.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { signIn } from '../../support/api.ts'
import { closed } from '../../support/closed.ts'
import { eventually } from '../../support/e2e.ts'
import { exampleView } from '../../support/fake-bridge.ts'
import { ask, codeOf, fakes, PASSWORD, running } from '../support.ts'

const unused = async (): Promise<never> => {
  throw new Error('not in this test')
}
const broken = (): never => {
  throw new BridgeError('INTERNAL', 'The database cannot be used.')
}

function housekeeping(changes: Partial<Housekeeping> = {}): Housekeeping {
  return {
    events: { page: () => [] },
    keys: () => [],
    backups: { largest: 1000, make: unused, receive: unused, restore: unused },
    diagnostics: { settings: () => ({}), log: () => ({ recent: [], problems: [] }), personal: () => ({}) },
    log: fakes().housekeeping.log,
    ...changes,
  }
}

/** A request whose body comes slowly. */
function slow(port: number, head: readonly string[]) {
  const socket = connect(port, '127.0.0.1')
  const gone = closed(socket)
  socket.resume()
  socket.write(`${head.join('\r\n')}\r\nHost: x\r\n\r\n`)
  return { socket, gone }
}

t.test('bodies that trickle in are cut off, files may take their time', async (t) => {
  const seen: number[] = []
  const receive = async (content: AsyncIterable<Uint8Array>) => {
    for await (const piece of content) seen.push(piece.length)
    return { id: '0f8fad5b-d9cb-469f-a165-70867728950e', size: 10, created: '2026-01-15T12:00:00.000Z', version: '1' }
  }
  const api = await running({
    housekeeping: housekeeping({ backups: { largest: 1000, make: unused, receive, restore: unused } }),
  })
  t.teardown(() => api.close())
  const { authorization } = await signIn(`http://127.0.0.1:${api.port}`, PASSWORD)
  const type = 'Content-Type: application/json'
  const before = api.clock.waiting
  const json = slow(api.port, ['POST /api/v1/login HTTP/1.1', type, 'Content-Length: 50'])
  json.socket.write('{"user')
  const kind = 'Content-Type: application/octet-stream'
  const lines = ['POST /api/v1/restore HTTP/1.1', `Authorization: ${authorization}`, kind, 'Content-Length: 10']
  const file = slow(api.port, lines)
  file.socket.write('12345')
  await eventually('both have come', () => seen.length === 1 && api.clock.waiting > before)
  await api.clock.advance(15_000)
  await json.gone
  file.socket.write('67890')
  const [answer] = await once(file.socket, 'data')
  t.match(String(answer), /^HTTP\/1\.1 201/)
  t.equal(
    seen.reduce((sum, bytes) => sum + bytes, 0),
    10,
  )
  file.socket.destroy()
  const large = new Uint8Array(5000)
  const headers = { authorization, 'content-type': 'application/octet-stream' }
  const refused = await fetch(`http://127.0.0.1:${api.port}/api/v1/restore`, { method: 'POST', headers, body: large })
  t.equal(refused.status, 413, 'what says that it is too large is not even read')
})

t.test('a backup that nobody reads to its end is thrown away', async (t) => {
  let discarded = 0
  let wait = async () => {}
  const make = async () => {
    await wait()
    return made()
  }
  const made = () => ({
    name: 'x.backup',
    size: 100_000_000,
    content: (async function* () {
      for (;;) yield Buffer.alloc(65_536)
    })(),
    discard: () => void discarded++,
  })
  const api = await running({
    housekeeping: housekeeping({ backups: { largest: 1000, make, receive: unused, restore: unused } }),
  })
  t.teardown(() => api.close())
  const { authorization } = await signIn(`http://127.0.0.1:${api.port}`, PASSWORD)
  const body = JSON.stringify({ passphrase: 'long enough for it', password: PASSWORD })
  const abort = new AbortController()
  const headers = { authorization, 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body, signal: abort.signal }
  const response = await fetch(`http://127.0.0.1:${api.port}/api/v1/backup`, init)
  t.equal(response.headers.get('content-length'), '100000000')
  await response.body?.getReader().read()
  abort.abort()
  while (discarded === 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal(discarded, 1)

  // Whoever goes while it is made gets none, and the next one can be made.
  const closed = new Promise<void>((resolve) => {
    api.app.server.once('connection', (socket) => socket.once('close', () => setImmediate(resolve)))
  })
  const begun = new Promise<void>((resolve) => {
    wait = () => {
      resolve()
      return closed
    }
  })
  const head = ['POST /api/v1/backup HTTP/1.1', `authorization: ${authorization}`, 'content-type: application/json']
  const { socket } = slow(api.port, [...head, `content-length: ${Buffer.byteLength(body)}`])
  socket.write(body)
  await begun
  socket.destroy()
  await eventually('it is thrown away', () => discarded === 2)
  const wrong = JSON.stringify({ passphrase: 'long enough for it', password: 'wrong' })
  t.match(await ask(api.port, '/api/v1/backup', { method: 'POST', body: wrong, authorization }), { status: 400 })
  t.equal((await ask(api.port, '/api/v1/backup', { method: 'POST', body })).status, 403, 'not for API tokens')
})

t.test('diagnostics tell what there is, also when the store tells nothing', async (t) => {
  const line = '{"level":"error","serial":"S-EXAMPLE-1","msg":"Bath at 10.0.0.7 and 10.0.0.9"}'
  const api = await running({
    housekeeping: housekeeping({
      events: { page: broken },
      keys: broken,
      diagnostics: {
        settings: () => ({ mqtt: { password: 'hunter2', url: 'mqtt://broker.lan' } }),
        log: () => ({ recent: [line, 'no JSON of Bath'], problems: [line] }),
        personal: () => ({ hosts: ['broker.lan'] }),
      },
    }),
  })
  t.teardown(() => api.close())
  const address = { host: '10.0.0.7', port: 80 }
  const state = { unknown: { 'par.99': '12,5', ssid: 'Home of Ivan', x: 'MyHome24' } }
  api.devices.add(exampleView('ax', { serial: 'S-EXAMPLE-1', name: 'Bath', firmware: '2.34', address, state }))
  const { status, text, json } = await ask(api.port, '/api/v1/diagnostics')
  t.equal(status, 200)
  t.match(json, {
    keys: { failed: /database/ },
    events: { failed: /database/ },
    settings: { mqtt: { password: '********', url: 'mqtt://address-2' } },
    devices: [
      {
        ...{ serial: 'serial-1', name: 'device-1', firmware: '2.34', address: { host: 'address-1' } },
        state: { unknown: { 'par.99': '12,5', ssid: '[12 characters]', x: '[8 characters]' } },
      },
    ],
    problems: [{ serial: 'serial-1', msg: 'device-1 at address-1 and address-3' }],
    log: [{}, 'no JSON of device-1'],
  })
  t.notMatch(text, /Bath|S-EXAMPLE|10\.0\.0|Ivan|broker\.lan|hunter2|MyHome/)
  t.equal(codeOf(await ask(api.port, '/api/v1/log')), 'INTERNAL')
})
