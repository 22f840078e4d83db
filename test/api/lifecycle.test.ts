import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import t from 'tap'
import { createApi } from '../../src/api/index.ts'
import { EXAMPLE_SERIAL } from '../support/fake-bridge.ts'
import { accessOptions, ask, BEARER, codeOf, fakes, running, testStore } from './support.ts'

function api(changes: { host?: string; port?: number } = {}) {
  const parts = fakes()
  const { store, remove } = testStore(parts)
  t.teardown(remove)
  const access = accessOptions(store)
  const options = { ...parts, host: '127.0.0.1', port: 0, access, readiness: () => ({}), version: '1' }
  return { ...parts, api: createApi({ ...options, ...changes }) }
}

t.test('starts, answers, stops at once, and starts again', async (t) => {
  const { api: it, devices, clock } = api()
  devices.add()
  for (let round = 0; round < 2; round++) {
    const { host, port } = await it.start()
    t.equal(host, '127.0.0.1')
    t.ok(port > 0)
    t.equal((await ask(port, '/api/v1/devices')).status, 200)
    const stream = await new Promise<http.IncomingMessage>((resolve) => {
      http.get({ host, port, path: '/api/v1/events', headers: { authorization: BEARER } }, resolve)
    })
    const ended = new Promise((resolve) => stream.resume().on('end', resolve))
    const idle = net.connect(port, host)
    // It may be reset.
    idle.on('error', () => undefined)
    await new Promise((resolve) => idle.once('connect', resolve))
    const stopped = it.stop()
    await ended
    // A connection on which nothing was ever asked counts as busy to Node.
    await clock.until(stopped, 500)
    idle.destroy()
    await t.rejects(ask(port, '/healthz'), { code: 'ECONNREFUSED' })
  }
  await it.stop()
})

t.test('stopping gives a request under way half a second', async (t) => {
  const { api: it, devices, clock } = api()
  devices.add()
  const { port } = await it.start()
  let called = () => {}
  const begun = new Promise<void>((resolve) => {
    called = resolve
  })
  let finish = () => {}
  devices.onSet = () =>
    new Promise((resolve) => {
      finish = () => resolve({ before: {}, state: { mode: 'off' }, rounded: {}, superseded: [] })
      called()
    })
  const patch = () => ask(port, `/api/v1/devices/${EXAMPLE_SERIAL}/state`, { method: 'PATCH', body: '{"mode":"off"}' })

  const first = patch()
  await begun
  const stopped = it.stop()
  await clock.advance(499)
  finish()
  t.equal((await first).status, 200)
  await stopped

  t.equal(clock.waiting, 0)
  const again = await it.start()
  const second = ask(again.port, `/api/v1/devices/${EXAMPLE_SERIAL}/state`, { method: 'PATCH', body: '{"mode":"off"}' })
  const cut = t.rejects(second, { code: 'ECONNRESET' })
  await new Promise<void>((resolve) => {
    called = resolve
  })
  const end = it.stop()
  await clock.advance(500)
  await cut
  await end
})

t.test('an address that can not be had is named with its setting', async (t) => {
  const taken = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  t.teardown(() => taken.close())
  const { port } = taken.address() as AddressInfo
  const { api: it } = api({ port })
  await t.rejects(it.start(), {
    message: new RegExp(`Port ${port} on 127.0.0.1 is taken.*api.port \\(T2M_API_PORT\\)`),
  })
  taken.close()
  await new Promise((resolve) => setImmediate(resolve))
  await t.resolves(it.start(), 'the same API can try again')
  await it.stop()
  await t.rejects(api({ host: '192.0.2.1' }).api.start(), {
    message: /192.0.2.1 is not an address of this machine.*api.host/,
  })
  await t.rejects(api({ port: 70_000 }).api.start(), { message: /api.host, api.port/ })
})

t.test('what never started can be stopped', async (t) => {
  await t.resolves(api().api.stop())
})

t.test('the log tells of requests, and never what is secret in them', async (t) => {
  const it = await running()
  t.teardown(() => it.close())
  await ask(it.port, '/api/v1/devices?password=hunter2')
  await ask(it.port, '/api/v1/devices', { authorization: 'Bearer hunter3' })
  const requests = it.lines.filter(({ msg }) => msg === 'request')
  t.match(requests, [
    { level: 'debug', method: 'GET', path: '/api/v1/devices', status: 200 },
    { level: 'debug', method: 'GET', path: '/api/v1/devices', status: 401 },
  ])
  t.type(requests[0]?.ms, 'number')
  t.notMatch(JSON.stringify(it.lines), /hunter|correct-horse/)
})

/** Sends bytes and returns everything that comes back until the other side closes. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

t.test('what is not HTTP gets an answer of the same form', async (t) => {
  const it = await running()
  t.teardown(() => it.close())
  for (const bytes of [
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
  ]) {
    const [head, body = ''] = (await raw(it.port, bytes)).split('\r\n\r\n')
    t.match(head, /^HTTP\/1.1 400 /)
    t.equal(codeOf({ json: JSON.parse(body) }), 'BAD_REQUEST')
  }
  const authorization = `Authorization: ${BEARER}`
  const lying = await new Promise<string>((resolve) => {
    const head = [
      'PATCH /api/v1/devices/A123/state HTTP/1.1',
      'Host: x',
      authorization,
      'Content-Type: application/json',
    ]
    const socket = net.connect(it.port, '127.0.0.1', () => {
      socket.end(Buffer.from(`${[...head, 'Content-Length: 100'].join('\r\n')}\r\n\r\n{"a":1}`, 'latin1'))
    })
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
  t.match(lying, /^(HTTP\/1.1 400 |$)/, 'a body cut short does nothing')
  t.equal((await ask(it.port, '/healthz')).status, 200)
})
