import { getEventListeners } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import t from 'tap'
import { SystemClock } from '../../../src/core/clock.ts'
import { ExchangeError, show } from '../../../src/lan/exchange/errors.ts'
import { HttpClient } from '../../../src/lan/exchange/http.ts'
import type { Address } from '../../../src/lan/types.ts'
import { FastClock } from '../../support/fast-clock.ts'
import type { Teardown } from '../../support/simulator.ts'

/** The machine may be busy. */
const OPTIONS = { clock: new SystemClock(), timeout: 10_000, keepAlive: false }
const client = new HttpClient(OPTIONS)
/** For what is about time. */
const hasty = new HttpClient({ ...OPTIONS, timeout: 150 })

/** A server that does with the socket what it is told, once a request has come. */
async function serve(t: Teardown, answer: (socket: Socket) => void): Promise<Address & { seen: string[] }> {
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', (data) => {
      seen.push(data.toString())
      answer(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  const address = server.address()
  return { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0, seen }
}

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'

async function failure(address: Address, asking = client): Promise<ExchangeError> {
  try {
    await asking.post(address, '/api.cgi', '{"cmd":1}')
  } catch (error) {
    if (error instanceof ExchangeError) return error
    throw error
  }
  throw new Error('it did not fail')
}

t.test('what is sent', async (t) => {
  const address = await serve(t, (socket) => socket.end(`${HEAD}Content-Length: 2\r\n\r\n{}`))
  t.equal(await client.post(address, '/api.cgi', '{"cmd":1}'), '{}')
  const [request = ''] = address.seen
  t.match(request, /^POST \/api.cgi HTTP\/1.1\r\n/)
  t.match(request, /\r\nContent-Type: application\/json\r\n/)
  t.match(request, /\r\nContent-Length: 9\r\n/)
  t.match(request, /\r\nConnection: close\r\n/)
  t.ok(request.endsWith('\r\n\r\n{"cmd":1}'))
})

t.test('replies in pieces, without a length, in HTTP/1.0, empty, beyond ASCII', async (t) => {
  const pieces = await serve(t, (socket) => {
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n`)
    setTimeout(() => socket.end('3\r\n":1\r\n1\r\n}\r\n0\r\n\r\n'), 20)
  })
  t.equal(await client.post(pieces, '/', '{}'), '{"a":1}')
  const old = await serve(t, (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\n{"b":2}'))
  t.equal(await client.post(old, '/', '{}'), '{"b":2}')
  const empty = await serve(t, (socket) => socket.end(`${HEAD}Content-Length: 0\r\n\r\n`))
  t.equal(await client.post(empty, '/', '{}'), '')
  const text = Buffer.from('{"c":"°"}')
  const split = await serve(t, (socket) => {
    socket.write(`${HEAD}Content-Length: ${text.length}\r\n\r\n`)
    socket.write(text.subarray(0, 7))
    setTimeout(() => socket.end(text.subarray(7)), 20)
  })
  t.equal(await client.post(split, '/', '{}'), '{"c":"°"}')
})

t.test('answers that come in pieces at the same time do not mix', async (t) => {
  const sockets: Socket[] = []
  const both = Promise.withResolvers<void>()
  const address = await serve(t, (socket) => {
    socket.write(`${HEAD}Content-Length: 9\r\n\r\n{"a":`)
    if (sockets.push(socket) === 2) both.resolve()
  })
  const answers = [client.post(address, '/', '{}'), client.post(address, '/', '{}')]
  await both.promise
  // What was sent first has arrived when an answer to something else has.
  t.equal(
    await client.post(await serve(t, (socket) => socket.end(`${HEAD}Content-Length: 2\r\n\r\n{}`)), '/', '{}'),
    '{}',
  )
  for (const [index, socket] of sockets.entries()) socket.end(`${111 * (index + 1)}}`)
  t.same((await Promise.all(answers)).toSorted(), ['{"a":111}', '{"a":222}'])
})

t.test('slow ends in time, whatever it is that takes so long', async (t) => {
  const silent = await serve(t, () => {})
  const dripping = await serve(t, (socket) => {
    socket.write(`${HEAD}Content-Length: 1000\r\n\r\n`)
    const timer = setInterval(() => socket.write(' '), 10)
    socket.on('close', () => clearInterval(timer))
  })
  const headers = await serve(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write('X'), 10)
    socket.on('close', () => clearInterval(timer))
  })
  const informing = await serve(t, (socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 10)
    socket.on('close', () => clearInterval(timer))
  })
  for (const address of [silent, dripping, headers, informing]) {
    const watch = new FastClock(1)
    const error = await failure(address, hasty)
    t.equal(error.code, 'DEVICE_TIMEOUT')
    t.equal(error.mayHaveActed, true)
    t.ok(watch.monotonic() < 1000)
  }
})

t.test('no answer, half of one, or none that is HTTP', async (t) => {
  const nothing = await failure(await serve(t, (socket) => socket.destroy()))
  t.equal(nothing.code, 'DEVICE_BAD_REPLY')
  t.equal(nothing.empty, true)
  const reset = await failure(await serve(t, (socket) => socket.resetAndDestroy()))
  t.equal(reset.empty, true)
  const halves = [`${HEAD}Content-Length: 100\r\n\r\n{"a":`, `${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n`]
  for (const half of halves) {
    const error = await failure(await serve(t, (socket) => socket.end(half)))
    t.equal(error.code, 'DEVICE_BAD_REPLY')
    t.equal(error.empty, false)
    t.match(error.message, /half-way/)
  }
  const others = [
    'SSH-2.0-x\r\n\r\n',
    'HTTP/1.1 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    `${HEAD}Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n`,
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n`,
  ]
  for (const other of others) {
    t.equal((await failure(await serve(t, (socket) => socket.end(other)))).code, 'DEVICE_BAD_REPLY', other)
  }
  const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'
  t.equal((await failure(await serve(t, (socket) => socket.write(upgrade)))).code, 'DEVICE_BAD_REPLY')
})

t.test('too long, with and without saying so', async (t) => {
  const announced = await serve(t, (socket) => socket.end(`${HEAD}Content-Length: 70000\r\n\r\n${' '.repeat(70_000)}`))
  const endless = await serve(t, (socket) => {
    socket.write(`${HEAD}\r\n`)
    const more = () => {
      if (!socket.destroyed) socket.write(' '.repeat(10_000), () => setImmediate(more))
    }
    more()
  })
  const chunks = await serve(t, (socket) =>
    socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${`ffff\r\n${' '.repeat(65_535)}\r\n`.repeat(2)}0\r\n\r\n`),
  )
  const around = await serve(t, (socket) =>
    socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${`1;${'x'.repeat(900)}\r\n{\r\n`.repeat(400)}`),
  )
  const headers = await serve(t, (socket) => socket.end(`${HEAD}${'X-More: y\r\n'.repeat(2000)}\r\n{}`))
  const informing = await serve(t, (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n'.repeat(2000)))
  t.match((await failure(chunks)).message, /64 KiB/)
  t.match((await failure(around)).message, /64 KiB/)
  t.match((await failure(headers)).message, /headers without an end/)
  t.match((await failure(informing)).message, /headers without an end/)
  const largest = await serve(t, (socket) => socket.end(`${HEAD}\r\n${' '.repeat(65_536)}`))
  t.match((await failure(announced)).message, /64 KiB/)
  t.match((await failure(endless)).message, /64 KiB/)
  t.equal((await client.post(largest, '/', '{}')).length, 65_536)
})

t.test('no status but 200 counts, and no redirect is followed', async (t) => {
  const target = await serve(t, (socket) => socket.end(`${HEAD}Content-Length: 2\r\n\r\n{}`))
  for (const status of [204, 301, 302, 307, 308, 401, 404, 500, 503]) {
    const location = `Location: http://127.0.0.1:${target.port}/\r\n`
    const address = await serve(t, (socket) =>
      socket.end(`HTTP/1.1 ${status} X\r\n${location}Content-Length: 0\r\n\r\n`),
    )
    const error = await failure(address)
    t.equal(error.code, 'DEVICE_BAD_REPLY')
    t.match(error.message, String(status))
  }
  t.same(target.seen, [])
})

t.test('nobody there', async (t) => {
  const error = await failure({ host: '127.0.0.1', port: 1 })
  t.equal(error.code, 'DEVICE_UNREACHABLE')
  t.equal(error.mayHaveActed, false)
})

t.test('it can be called off', async (t) => {
  const address = await serve(t, () => controller.abort())
  const controller = new AbortController()
  const bounded = new HttpClient({ ...OPTIONS, signal: controller.signal })
  t.equal((await failure(address, bounded)).mayHaveActed, true)
  t.equal((await failure(address, bounded)).mayHaveActed, false)
  bounded.close()
  t.same(getEventListeners(controller.signal, 'abort'), [], 'a signal outlives the clients that it ends')
  t.equal(address.seen.length, 1)
})

t.test('addresses as people write them', async (t) => {
  t.equal(show({ host: '192.0.2.1', port: 80 }), '192.0.2.1')
  t.equal(show({ host: '192.0.2.1', port: 8080 }), '192.0.2.1:8080')
  t.equal(show({ host: '2001:db8::1', port: 81 }), '[2001:db8::1]:81')
})
