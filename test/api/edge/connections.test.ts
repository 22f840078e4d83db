/** Who opens many connections keeps nobody else out. */
import { once } from 'node:events'
import http from 'node:http'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { selfSigned } from '../../support/certificate.ts'
import { closed } from '../../support/closed.ts'
import { eventually } from '../../support/e2e.ts'
import { BEARER, type Running, running } from '../support.ts'

const BODY = ['Content-Type: application/json', 'Content-Length: 50']

async function start(t: Test, changes: Parameters<typeof running>[0] = {}): Promise<Running> {
  const api = await running(changes)
  t.teardown(() => api.close())
  return api
}

/** So many requests whose bodies never end, from one address; resolves when all are on their way. */
async function slowBodies(t: Test, { port }: Running, from: string, count: number, headers: readonly string[] = []) {
  const sockets = Array.from({ length: count }, () => connect({ host: '127.0.0.1', port, localAddress: from }))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
  })
  await Promise.all(sockets.map((socket) => begun(socket, headers)))
  return sockets
}

async function begun(socket: Socket, headers: readonly string[]): Promise<void> {
  socket.on('error', () => undefined)
  socket.resume()
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed(socket)])
  socket.write(`${['POST /api/v1/login HTTP/1.1', 'Host: localhost', ...BODY, ...headers].join('\r\n')}\r\n\r\n{"user`)
}

/** The status of `/healthz`, or why there was none. */
function health({ port }: Running, from: string, headers: Record<string, string> = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/healthz', localAddress: from, agent: false, headers }
    http
      .get(options, (answer) => resolve(answer.resume().statusCode ?? 0))
      .on('error', (error) => resolve(error.message))
  })
}

const open = ({ app }: Running) =>
  new Promise<number>((resolve, reject) =>
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )

const warnings = ({ lines }: Running) => lines.filter(({ msg }) => /too many connections/.test(String(msg)))

t.test('1100 slow bodies from one address keep nobody out, not even that address', async (t) => {
  const api = await start(t)
  const stream = connect({ host: '127.0.0.1', port: api.port, localAddress: '127.0.0.2' })
  t.teardown(() => stream.destroy())
  stream.write(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${BEARER}\r\n\r\n`)
  await once(stream, 'data')
  await slowBodies(t, api, '127.0.0.2', 1100)
  const asked = await Promise.all(['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((from) => health(api, from)))
  t.same(asked, [200, 200, 200])
  t.ok((await open(api)) < 300, 'they are not all kept open')
  t.equal(api.streams.clients, 1, 'what the bridge is busy with for that address goes on')
  t.match(warnings(api), [{ address: '127.0.0.2' }], 'said once')
  t.equal(warnings(api).length, 1)
})

t.test('with TLS it is known as well what is under way', async (t) => {
  const api = await start(t, { tls: selfSigned() })
  const stream = connectTls({ host: '127.0.0.1', port: api.port, rejectUnauthorized: false })
  t.teardown(() => stream.destroy())
  stream.write(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${BEARER}\r\n\r\n`)
  await once(stream, 'data')
  const silent = await slowBodies(t, api, '127.0.0.1', 300)
  await eventually('the oldest are closed', () => silent[0]?.destroyed)
  t.ok((await open(api)) < 300)
  t.equal(api.streams.clients, 1)
  t.notOk(stream.destroyed)
})

t.test('many addresses together keep nobody out either', async (t) => {
  const api = await start(t)
  for (let i = 2; i <= 7; i++) await slowBodies(t, api, `127.0.0.${i}`, 200)
  t.same(await Promise.all([health(api, '127.0.0.1'), health(api, '127.0.0.3')]), [200, 200])
  t.ok((await open(api)) <= 1024)
})

t.test('behind a proxy each client counts by itself, and so does the proxy', async (t) => {
  const api = await start(t, { trustProxy: ['127.0.0.9'] })
  const one = ['X-Forwarded-For: 203.0.113.7']
  const other = await slowBodies(t, api, '127.0.0.9', 50, ['X-Forwarded-For: 203.0.113.8'])
  await slowBodies(t, api, '127.0.0.9', 1100, one)
  const through = (client: string) => health(api, '127.0.0.9', { 'x-forwarded-for': client })
  t.same(await Promise.all([through('203.0.113.9'), through('203.0.113.7'), health(api, '127.0.0.1')]), [200, 200, 200])
  t.notOk(
    other.some(({ destroyed }) => destroyed),
    'who sends little loses nothing',
  )
  t.ok((await open(api)) < 350)
  t.match(warnings(api), [{ address: '203.0.113.7' }])
})
