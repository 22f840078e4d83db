/** Session, events and house of the page, without a browser. */
import t from 'tap'
import { Client, type Keep, RequestError } from '../../src/web/api/client.ts'
import { EventParser, Live, type LiveState, type ServerEvent } from '../../src/web/api/live.ts'
import { Tabs } from '../../src/web/api/tabs.ts'
import type { Device } from '../../src/web/api/types.ts'
import { failureOf, House } from '../../src/web/state/house.ts'
import { rangeOf, setpointRange, stepped } from '../../src/web/state/limits.ts'
import { Look } from '../../src/web/state/look.ts'

class Memory implements Keep {
  readonly items = new Map<string, string>()
  getItem = (key: string) => this.items.get(key) ?? null
  setItem = (key: string, value: string) => void this.items.set(key, value)
  removeItem = (key: string) => void this.items.delete(key)
}

interface Asked {
  readonly path: string
  readonly method: string
  readonly bearer: string | null
  readonly body: unknown
}

const KEY = 'thermo2mqtt.refresh'

/** A channel on which nobody else is, or on which all are that are given the same. */
function tabs(all: ((message: unknown) => void)[] = [], random = () => 0.5): Tabs {
  let own = (_message: unknown) => {}
  return new Tabs({
    random,
    channel: {
      post: (message) => {
        for (const listener of all) if (listener !== own) queueMicrotask(() => listener(structuredClone(message)))
      },
      listen: (listener) => {
        own = listener
        all.push(listener)
      },
    },
    timer: (ms, run) => {
      const id = setTimeout(run, ms / 20)
      return () => clearTimeout(id)
    },
  })
}

/** A server that is asked what `answer` says. */
function client(answer: (asked: Asked) => [status: number, body: unknown] | Error) {
  const keep = new Memory()
  const asked: Asked[] = []
  let signedOut = 0
  const made = new Client({
    keep,
    tabs: tabs(),
    now: () => 1_000,
    onSignedOut: () => signedOut++,
    fetch: async (input, init = {}) => {
      const headers = new Headers(init.headers)
      const one = {
        path: String(input),
        method: init.method ?? 'GET',
        bearer: headers.get('authorization'),
        body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
      }
      asked.push(one)
      const result = answer(one)
      if (result instanceof Error) throw result
      const [status, body] = result
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })
    },
  })
  return { client: made, keep, asked, signedOut: () => signedOut }
}

const token = (name: string) => ({ access: `a-${name}`, refresh: `r-${name}` })

t.test('only the refresh token is kept, and only until one signs out', async (t) => {
  const {
    client: session,
    keep,
    asked,
    signedOut,
  } = client(({ path }) => [200, path === '/api/v1/login' ? { token: token('1') } : {}])
  t.equal(await session.login('admin', 'secret'), null)
  t.equal(keep.items.get(KEY), 'r-1')
  await session.get('/api/v1/devices')
  t.equal(asked.at(-1)?.bearer, 'Bearer a-1')
  await session.logout()
  t.equal(keep.items.size, 0)
  t.equal(signedOut(), 1)
})

t.test('a second factor takes a second step', async (t) => {
  const { client: session, asked } = client(({ path }) =>
    path === '/api/v1/login' ? [200, { temp_token: 'temp' }] : [200, { key: 'a-2', token: token('2') }],
  )
  const pending = await session.login('admin', 'secret')
  if (!pending) return t.fail('it is asked for')
  await session.verify(pending, '123456')
  t.strictSame(asked.at(-1)?.body, { temp_token: 'temp', token: '123456' })
  await session.get('/x')
  t.equal(asked.at(-1)?.bearer, 'Bearer a-2')
})

t.test('a session that has run out is renewed once for all who wait, and never with one token twice', async (t) => {
  let last = 1
  const {
    client: session,
    asked,
    keep,
  } = client(({ path, bearer, body }) => {
    if (path === '/api/v1/login') return [200, { token: token('1') }]
    if (path === '/api/v1/token/refresh') {
      t.strictSame(body, { refresh: `r-${last}` })
      return [200, { token: token(String(++last)) }]
    }
    return bearer === `Bearer a-${last}` && last > 1 ? [200, { ok: true }] : [401, {}]
  })
  await session.login('admin', 'secret')
  t.strictSame(
    await Promise.all([session.get('/a'), session.get('/b'), session.get('/c')]),
    Array(3).fill({ ok: true }),
  )
  t.equal(asked.filter(({ path }) => path === '/api/v1/token/refresh').length, 1)
  t.equal(keep.items.get(KEY), 'r-2')
})

t.test('tabs with one session renew it together, whoever begins, and sign out together', async (t) => {
  const all: ((message: unknown) => void)[] = []
  let last = 1
  let now = 1_000
  const refreshed: unknown[] = []
  const server: typeof fetch = async (input, init = {}) => {
    if (String(input).endsWith('/login')) return Response.json({ token: { access: 'a-1', refresh: 's.f.1' } })
    if (String(input).endsWith('/refresh')) {
      refreshed.push(JSON.parse(String(init.body)).refresh)
      last++
      return Response.json({ token: { access: `a-${last}`, refresh: `s.f.${last}` } })
    }
    const right = new Headers(init.headers).get('authorization') === `Bearer a-${last}`
    return new Response('{}', { status: right ? 200 : 401 })
  }
  const signedOut: number[] = []
  const tab = (number: number, keep = new Memory()) => {
    const client = new Client({
      keep,
      fetch: server,
      tabs: tabs(all, () => number / 10),
      now: () => now,
      onSignedOut: () => signedOut.push(number),
    })
    return { client, keep }
  }
  const first = tab(1)
  await first.client.login('admin', 'secret')
  const copy = new Memory()
  for (const [key, value] of first.keep.items) copy.items.set(key, value)
  const second = tab(2, copy)
  t.ok(await second.client.resume())
  t.strictSame(refreshed, [], 'the other tab has what it takes')
  for (let round = 0; round < 3; round++) {
    // The access token has run out, and both notice at the same time.
    last += 10
    now += 900_000
    await Promise.all([second.client.get('/x'), first.client.get('/x')])
  }
  t.equal(refreshed.length, 3, 'once each time')
  t.equal(new Set(refreshed).size, 3, 'never with one token twice')
  t.equal(first.keep.items.get(KEY), second.keep.items.get(KEY))
  await second.client.get('/x')
  await second.client.logout()
  await tick()
  t.strictSame(signedOut.sort(), [1, 2])
  t.equal(first.keep.items.size, 0)
})

t.test('a refused refresh token signs out; a bridge out of reach does not', async (t) => {
  let reachable = true
  const { client: session, keep, signedOut } = client(() => (reachable ? [401, {}] : new TypeError('no network')))
  t.equal(await session.resume(), false, 'nothing kept')
  keep.setItem('thermo2mqtt.refresh', 'r')
  reachable = false
  await t.rejects(session.resume(), { status: 0, code: 'NO_CONNECTION' })
  t.ok(keep.items.has(KEY))
  reachable = true
  t.equal(await session.resume(), false)
  t.equal(keep.items.size, 0)
  t.equal(signedOut(), 1)
})

t.test('failures carry the code and the words of the bridge', async (t) => {
  const { client: session } = client(({ path }) =>
    path === '/coded' ? [409, { error: { code: 'LOCKED_BOTH', message: 'No.' } }] : [502, '<html>proxy</html>'],
  )
  await t.rejects(session.get('/coded'), { status: 409, code: 'LOCKED_BOTH', message: 'No.' })
  await t.rejects(session.get('/other'), { status: 502, code: 'INTERNAL', message: 'HTTP 502' })
  t.strictSame(failureOf(new RequestError(400, 'READ_ONLY', 'x')), { code: 'READ_ONLY', message: 'x' })
  t.strictSame(failureOf('odd'), { code: 'INTERNAL', message: 'odd' })
  t.strictSame(failureOf(new Error('y')), { code: 'INTERNAL', message: 'y' })
})

t.test('files are sent as they are, and come with the name that the bridge gives them', async (t) => {
  const sent: RequestInit[] = []
  let status = 200
  const session = new Client({
    keep: new Memory(),
    onSignedOut: () => undefined,
    tabs: tabs(),
    now: () => 1_000,
    fetch: async (_path, init = {}) => {
      sent.push(init)
      const error = { error: { code: 'BAD_REQUEST', message: 'no', details: { reason: 'cut_off' } } }
      const headers = { 'content-disposition': 'attachment; filename="house-1.backup"' }
      return new Response(status === 200 ? 'bytes' : JSON.stringify(error), { status, headers })
    },
  })
  const { name, content } = await session.file('/api/v1/backup', {})
  t.strictSame([name, await content.text()], ['house-1.backup', 'bytes'])
  status = 400
  const file = new Blob(['x'])
  const refused = await session.send('POST', '/api/v1/restore', file).catch(failureOf)
  t.strictSame(refused, { code: 'BAD_REQUEST', message: 'no', reason: 'cut_off' })
  t.equal(sent.at(-1)?.body, file)
  t.equal(new Headers(sent.at(-1)?.headers).get('content-type'), 'application/octet-stream')
  await t.rejects(session.file('/api/v1/backup', {}), { code: 'BAD_REQUEST' })
})

t.test('events come out whole, in whatever pieces they come in', async (t) => {
  const text = 'retry: 3000\n\n: still here\n\nevent: state\ndata: {"a":1}\n\nevent: ready\ndata: {}\n\n'
  for (let size = 1; size < text.length; size += 3) {
    const parser = new EventParser()
    const events = (text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []).flatMap((piece) => parser.push(piece))
    t.strictSame(events, [
      { name: 'state', data: { a: 1 } },
      { name: 'ready', data: {} },
    ])
  }
})

const tick = () => new Promise((resolve) => setImmediate(resolve))

/** Timers that run when they are told to. */
function timers() {
  const waiting = new Map<number, { ms: number; run: () => void }>()
  let id = 0
  return {
    waiting,
    timer: (ms: number, run: () => void) => {
      const own = ++id
      waiting.set(own, { ms, run })
      return () => void waiting.delete(own)
    },
    fire: (ms: number) => {
      for (const [own, one] of [...waiting]) {
        if (one.ms !== ms) continue
        waiting.delete(own)
        one.run()
      }
    },
  }
}

t.test('the stream is followed, and opened again when it ends, ever more slowly', async (t) => {
  const clock = timers()
  const states: LiveState[] = []
  const events: ServerEvent[] = []
  let opened = 0
  const live = new Live({
    timer: clock.timer,
    onState: (state) => states.push(state),
    onEvent: (event) => events.push(event),
    open: async () => {
      opened++
      if (opened > 1) throw new RequestError(0, 'NO_CONNECTION', '')
      return new Response('event: ready\ndata: {}\n\n')
    },
  })
  live.start()
  for (let i = 0; i < 20; i++) await tick()
  t.strictSame(states, ['connecting', 'live', 'connecting'])
  t.equal(events.length, 1)
  for (const wait of [500, 1000, 2000, 5000, 10_000, 10_000]) {
    t.strictSame(
      [...clock.waiting.values()].map(({ ms }) => ms),
      [wait],
    )
    clock.fire(wait)
    for (let i = 0; i < 5; i++) await tick()
  }
  t.equal(states.at(-1), 'lost')
  live.stop()
  t.equal(clock.waiting.size, 0)
  t.equal(opened, 7)
})

t.test('a stream that is silent for too long is given up; one that is not allowed is not tried again', async (t) => {
  const clock = timers()
  const states: LiveState[] = []
  let status = 200
  const live = new Live({
    timer: clock.timer,
    onState: (state) => states.push(state),
    onEvent: () => undefined,
    open: async (signal) => {
      const body = new ReadableStream({
        start: (controller) => signal.addEventListener('abort', () => controller.error(new Error('aborted'))),
      })
      return new Response(body, { status })
    },
  })
  live.start()
  for (let i = 0; i < 5; i++) await tick()
  clock.fire(60_000)
  for (let i = 0; i < 5; i++) await tick()
  t.strictSame(states, ['connecting', 'lost'])
  status = 401
  clock.fire(500)
  for (let i = 0; i < 5; i++) await tick()
  t.equal(clock.waiting.size, 0)
})

const health = {
  last_seen: null,
  last_published: null,
  failures: 0,
  error: null,
  key_source: null,
  clock_offset: null,
  counter_base: null,
}
const device = (serial: string, state: Device['state'] = {}): Device => ({
  serial,
  name: serial,
  name_source: 'account',
  model: 'ax',
  hw: 'ax',
  address: null,
  online: true,
  setpoint_step: 1,
  state,
  schedule: { floor: null, air: null },
  health,
  sources: [],
})

function house(send: (body: unknown) => Promise<unknown> = async () => ({ state: {} })) {
  const clock = timers()
  const sent: unknown[] = []
  const made = new House({
    timer: clock.timer,
    client: {
      get: async <Answer>() => ({ models: [{ id: 'ax' }] }) as Answer,
      send: async <Answer>(_method: string, _path: string, body?: unknown) => {
        sent.push(body)
        return (await send(body)) as Answer
      },
    },
  })
  const tell = (name: string, data: unknown) => made.take({ name, data })
  return { house: made, clock, sent, tell }
}

t.test('the house follows the events, and forgets what is not told again after a break', async (t) => {
  const { house: home, tell } = house()
  await home.loadModels()
  t.ok(home.models.value.has('ax'))
  for (const serial of ['a', 'b', 'c']) tell('device', device(serial))
  tell('ready', {})
  tell('state', { serial: 'a', state: { mode: 'heat' } })
  tell('availability', { serial: 'b', online: false })
  tell('removed', { serial: 'c' })
  tell('state', { serial: 'nobody', state: {} })
  tell('event', null)
  tell('event', { type: 'x' })
  t.equal(home.devices.value.get('a')?.state.mode, 'heat')
  t.equal(home.devices.value.get('b')?.online, false)
  t.strictSame([...home.devices.value.keys()], ['a', 'b'])
  home.setLive('lost')
  t.equal(home.devices.value.size, 2, 'shown as it was meanwhile')
  tell('device', device('b'))
  tell('ready', {})
  home.setLive('live')
  t.strictSame([...home.devices.value.keys()], ['b'])
  home.clear()
  t.equal(home.devices.value.size, 0)
})

t.test('what is asked for shows as pending until it is confirmed; several presses are one command', async (t) => {
  let confirm = (_state: unknown) => {}
  const { house: home, clock, sent, tell } = house(() => new Promise((resolve) => (confirm = resolve)))
  tell('device', device('a', { target_temperature: 20 }))
  const shown = () => home.shown(home.devices.value.get('a') ?? device('none'), 'target_temperature')
  for (const value of [21, 22, 23]) home.set('a', 'target_temperature', value, { settle: true })
  t.equal(shown(), 23)
  t.ok(home.isPending('a', 'target_temperature'))
  t.strictSame(sent, [])
  clock.fire(500)
  t.strictSame(sent, [{ target_temperature: 23 }])
  tell('state', { serial: 'a', state: { target_temperature: 20 } })
  t.equal(shown(), 23, 'what was asked for still shows')
  confirm({ state: { target_temperature: 23 } })
  await tick()
  t.notOk(home.isPending('a', 'target_temperature'))
  t.equal(shown(), 23)
  home.set('a', 'target_temperature', 25, { settle: true })
  home.clear()
  t.equal(clock.waiting.size, 0)
})

t.test('what fails shows the truth again, and why', async (t) => {
  const { house: home, tell } = house(async () => {
    throw new RequestError(409, 'LOCKED_BOTH', 'Locked.')
  })
  tell('device', device('a', { mode: 'auto' }))
  home.set('a', 'mode', 'heat')
  await tick()
  t.equal(home.shown(home.devices.value.get('a') ?? device('none'), 'mode'), 'auto')
  t.strictSame(home.failed.value.get('a'), { code: 'LOCKED_BOTH', message: 'Locked.', keys: ['mode'] })
  home.dismiss('a')
  t.equal(home.failed.value.size, 0)
})

t.test('setpoints move on the grid of the device, within its limits', async (t) => {
  const floor = device('a', { control_type: 'floor', floor_setpoint_min: 10, floor_setpoint_max: 40 })
  t.strictSame(setpointRange(floor, 'control'), { min: 10, max: 40, step: 1 })
  t.strictSame(setpointRange(floor, 'air'), { min: 5, max: 35, step: 0.5 })
  const air = {
    ...device('a', { control_type: 'air', air_setpoint_min: 40, air_setpoint_max: 30 }),
    setpoint_step: 0.5,
  }
  t.strictSame(
    setpointRange(air, 'control'),
    { min: 5, max: 35, step: 0.5 },
    'limits that contradict each other are none',
  )
  t.strictSame(setpointRange(air, 'floor').step, 1)
  const range = { min: 5, max: 35, step: 0.5 }
  t.equal(stepped(20.2, 1, range), 20.5)
  t.equal(stepped(20.2, -1, range), 20)
  t.equal(stepped(20.5, -1, range), 20)
  t.equal(stepped(35, 1, range), 35)
  t.equal(stepped(2, -1, range), 5)
  const point = { key: 'x', name: 'x', text: 'x', type: 'number', access: 'write', category: 'config' } as const
  t.strictSame(rangeOf(point, floor), {})
  t.strictSame(rangeOf({ ...point, min: 1, max: 2, step: 0.1 }, floor), { min: 1, max: 2, step: 0.1 })
  t.strictSame(rangeOf({ ...point, limits: 'floor' }, floor), { min: 10, max: 40, step: 1 })
})

t.test('the look is kept', async (t) => {
  const keep = new Memory()
  const root = { dataset: {} as Record<string, string | undefined> }
  const look = new Look(keep, root)
  t.equal(root.dataset.theme, 'auto')
  look.theme.value = 'dark'
  t.equal(root.dataset.theme, 'dark')
  t.equal(new Look(keep, { dataset: {} }).theme.value, 'dark')
})
