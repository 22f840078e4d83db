import http, { type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { deviceJson } from '../../../src/api/views/devices.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { ask, BEARER, codeOf, type Running, running } from '../support.ts'

const EVENTS = '/api/v1/events'

interface Stream {
  readonly response: IncomingMessage
  /** The next event or comment; undefined when the stream has ended. */
  next(): Promise<{ name: string; data: unknown } | string | undefined>
  /** Reads until `name` comes, and returns its data. */
  until(name: string): Promise<unknown>
}

function open(port: number): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: BEARER }
    http
      .get({ host: '127.0.0.1', port, path: EVENTS, headers, agent: false }, (response) => resolve(reader(response)))
      .on('error', reject)
  })
}

function reader(response: IncomingMessage): Stream {
  const parts = (async function* () {
    let text = ''
    for await (const chunk of response) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        yield text.slice(0, end)
        text = text.slice(end + 2)
      }
    }
  })()
  const next: Stream['next'] = async () => {
    const { value, done } = await parts.next().catch(() => ({ value: undefined, done: true }))
    if (done || value === undefined) return undefined
    const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(value) ?? []
    return name === undefined || data === undefined ? value : { name, data: JSON.parse(data) }
  }
  const until: Stream['until'] = async (name) => {
    for (;;) {
      const part = await next()
      if (part === undefined) throw new Error(`the stream ended before ${name}`)
      if (typeof part === 'object' && part.name === name) return part.data
    }
  }
  return { response, next, until }
}

/** Lets I/O happen until `done`. */
async function wait(done: () => boolean): Promise<void> {
  for (let i = 0; i < 5_000 && !done(); i++) await new Promise((resolve) => setImmediate(resolve))
}

async function start(t: Pick<Test, 'teardown'>): Promise<Running> {
  const api = await running()
  t.teardown(() => api.close())
  return api
}

t.test('a snapshot, then what changes', async (t) => {
  const api = await start(t)
  const view = api.devices.add()
  const other = api.devices.add(exampleView('oz', { serial: 'OTHER-0001' }))
  const stream = await open(api.port)
  t.equal(stream.response.statusCode, 200)
  t.match(stream.response.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  t.equal(await stream.next(), 'retry: 3000')
  t.same(await stream.next(), { name: 'device', data: deviceJson(view) })
  t.same(await stream.next(), { name: 'device', data: deviceJson(other) })
  t.match(await stream.next(), { name: 'house', data: { mode: 'normal', rooms: [] } })
  t.same(await stream.next(), { name: 'ready', data: {} })

  const changed = api.devices.update(EXAMPLE_SERIAL, { state: { target_temperature: 19 } })
  t.same(await stream.next(), { name: 'state', data: { serial: EXAMPLE_SERIAL, state: changed.state, timezone: null } })
  const health = { ...view.health, error: { code: 'DEVICE_TIMEOUT', message: 'Line one.\nLine two.' } } as const
  api.devices.update(EXAMPLE_SERIAL, { online: false, health })
  t.match(await stream.next(), {
    name: 'availability',
    data: { serial: EXAMPLE_SERIAL, online: false, health: { error: { message: 'Line one.\nLine two.' } } },
  })
  api.devices.update(EXAMPLE_SERIAL, { name: 'Hall' })
  t.match(await stream.next(), { name: 'device', data: { name: 'Hall' } })
  const event = {
    type: 'account_state',
    message: 'A code is needed.',
    account: 'home',
    details: { state: 'code_needed' },
  } as const
  api.devices.events.emit('event', event)
  t.same(await stream.next(), { name: 'event', data: event })
  api.secrets.remember('hunter2-hunter2')
  api.devices.events.emit('event', {
    type: 'account_state',
    message: 'No hunter2-hunter2.',
    details: { token: 'abc' },
  })
  t.same(await stream.next(), {
    name: 'event',
    data: { type: 'account_state', message: 'No ********.', details: { token: '********' } },
  })
  api.devices.events.emit('event', { type: 'device_found', message: 'Found.', serial: EXAMPLE_SERIAL })
  t.same(await stream.next(), {
    name: 'event',
    data: { type: 'device_found', message: 'Found.', serial: EXAMPLE_SERIAL },
  })
  api.devices.remove(EXAMPLE_SERIAL)
  t.same(await stream.next(), { name: 'removed', data: { serial: EXAMPLE_SERIAL } })

  await api.clock.advance(25_000)
  t.equal(await stream.next(), ': still here')
  await api.clock.advance(25_000)
  t.equal(await stream.next(), ': still here')
  t.same(api.devices.failures, [])

  stream.response.destroy()
  await wait(() => api.streams.clients === 0)
  t.equal(api.clock.waiting, 0, 'nobody listens: no heartbeat')
})

t.test('the end of the API ends the streams', async (t) => {
  const api = await start(t)
  const streams = await Promise.all([open(api.port), open(api.port)])
  for (const stream of streams) await stream.until('ready')
  api.streams.close()
  for (const stream of streams) t.equal(await stream.next(), undefined)
  t.equal(api.streams.clients, 0)
  t.equal(api.clock.waiting, 0)
})

t.test('a large house is told no faster than it is read', async (t) => {
  const api = await start(t)
  const serials = [...Array(4_000).keys()].map((i) => `HOUSE-${i}`)
  for (const serial of serials) api.devices.add(exampleView('oz', { serial }))
  const stream = await open(api.port)
  stream.response.pause()
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve))
  t.equal(api.streams.clients, 1)
  // A device that the snapshot has not reached yet: its change comes with the snapshot, not before it.
  const last = serials.at(-1) ?? ''
  for (let i = 0; i < 500; i++) api.devices.update(last, { state: { target_temperature: i } })
  const gone = serials.at(-2) ?? ''
  api.devices.remove(gone)
  const seen = new Map<string, unknown>()
  for (let part = await stream.next(); part !== undefined; part = await stream.next()) {
    if (typeof part === 'string') continue
    if (part.name === 'ready') break
    const { serial, state } = part.data as { serial: string; state?: { target_temperature: number } }
    if (part.name === 'device') seen.set(serial, state?.target_temperature)
    else if (part.name !== 'house') t.equal(part.name, 'removed')
  }
  t.equal(seen.size, serials.length - 1)
  t.equal(seen.get(last), 499)
  t.notOk(seen.has(gone))
  stream.response.destroy()
})

t.test('a reader that does not read is disconnected, and the others are not', async (t) => {
  const api = await start(t)
  const [slow, quick] = await Promise.all([open(api.port), open(api.port)])
  await slow.until('ready')
  await quick.until('ready')
  slow.response.pause()
  let heard = 0
  const listening = (async () => {
    while ((await quick.next()) !== undefined) heard++
  })()
  const message = 'x'.repeat(64 * 1024)
  for (let i = 0; i < 1_000 && api.streams.clients === 2; i++) {
    api.devices.events.emit('event', { type: 'device_found', message })
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(api.streams.clients, 1)
  t.ok(heard > 0)
  t.match(
    api.lines.filter(({ level }) => level === 'warn'),
    [{ msg: /not read fast enough/ }],
  )
  quick.response.destroy()
  await listening
})

/** An API token of its own that may read. */
function readToken(api: Running, name: string): string {
  return `Bearer ${api.access.apiTokens.create({ name, scopes: ['read'], expires: null, createdBy: 'admin' }).token}`
}

/** Somebody who asks for the events and then reads nothing; resolves when the server has answered or hung up. */
function stare(port: number, authorization: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET ${EVENTS} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`)
    })
    socket.on('error', () => resolve(socket))
    socket.on('close', () => resolve(socket))
    socket.once('readable', () => resolve(socket))
  })
}

t.test('a thousand who do not read cost a bounded amount of memory, and keep nobody else out', async (t) => {
  const api = await start(t)
  const quick = await open(api.port)
  await quick.until('ready')
  const tokens = [...Array(50).keys()].map((i) => readToken(api, `slow ${i}`))
  const sockets = await Promise.all([...Array(1_000).keys()].map((i) => stare(api.port, tokens[i % 50] ?? '')))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
  })
  t.equal(api.streams.clients, 100, 'no more than these are let in')
  let heard = 0
  const listening = (async () => {
    while ((await quick.next()) !== undefined) heard++
  })()
  const message = 'x'.repeat(128 * 1024)
  let most = 0
  let sent = 0
  for (; sent < 200 && api.streams.clients > 1; sent++) {
    api.devices.events.emit('event', { type: 'device_found', message })
    most = Math.max(most, api.streams.waiting)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(api.streams.clients, 1, 'who does not read is cut off')
  t.equal(api.streams.cutOff, 99)
  t.ok(most <= 100 * 256 * 1024, `${most} bytes waited`)
  t.equal((await ask(api.port, '/api/v1/devices')).status, 200)
  const again = await open(api.port)
  t.equal(again.response.statusCode, 200)
  await wait(() => heard === sent)
  t.equal(heard, sent, 'who reads has missed nothing')
  again.response.destroy()
  quick.response.destroy()
  await listening
})

t.test('nobody has more than twenty streams', async (t) => {
  const api = await start(t)
  const streams = await Promise.all([...Array(20).keys()].map(() => open(api.port)))
  const refused = await ask(api.port, EVENTS)
  t.match([refused.status, codeOf(refused)], [429, 'RATE_LIMITED'])
  t.match(refused.headers, { 'retry-after': '30', connection: 'close' })
  t.equal((await ask(api.port, '/api/v1/devices')).status, 200)
  const other = await stare(api.port, readToken(api, 'other'))
  t.equal(api.streams.clients, 21, 'others have theirs')
  streams[0]?.response.destroy()
  await wait(() => api.streams.clients === 20)
  const more = await open(api.port)
  t.equal(more.response.statusCode, 200)
  other.destroy()
  for (const { response } of [...streams, more]) response.destroy()
})

t.test('HEAD of a stream without end is refused', async (t) => {
  const api = await start(t)
  const answer = await ask(api.port, EVENTS, { method: 'HEAD' })
  t.equal(answer.status, 405)
  t.equal(answer.headers.allow, 'GET, OPTIONS')
})
