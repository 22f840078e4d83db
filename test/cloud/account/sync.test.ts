import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { Accounts } from '../../../src/devices/ports.ts'
import { EMAIL, KEY, PASSWORD, SERIAL, startCloud } from '../../support/simulator.ts'
import { bridge, HOUR, serve, until } from '../support.ts'

const key = (i: number): string => String(i).padStart(16, 'K')
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: i, sn: `S${i + 1000}`, name: `Room ${i}`, totp_key: key(i) }))

function withDevices(devices: readonly Record<string, unknown>[]) {
  return { accounts: [{ email: EMAIL, password: PASSWORD, devices }] }
}

t.test('signs in, reads the list, keeps the keys, tells once', async (t) => {
  const cloud = await startCloud(t)
  const { clouds, store, heard, view, log } = bridge(t, cloud.url)
  const accounts: Accounts = clouds
  t.same(accounts.list(), [
    {
      id: 'home',
      provider: 'welrok',
      state: 'signed_out',
      takes_code: false,
      code_from: null,
      lists_devices: true,
      devices: 0,
      last_sync: null,
      error: null,
    },
  ])
  clouds.start()
  await until(() => view().state === 'ready')
  t.same(view(), {
    id: 'home',
    provider: 'welrok',
    state: 'ready',
    takes_code: false,
    code_from: null,
    lists_devices: true,
    devices: 1,
    last_sync: '2026-01-15T12:00:00.000Z',
    error: null,
  })
  t.match(store.keys.of(SERIAL), [{ source: 'home', key: KEY }])
  t.same(
    heard.account.map(({ state }) => state),
    ['signing_in', 'ready'],
  )
  t.same(heard.devices, [{ account: 'home', devices: [{ serial: SERIAL, name: 'az', type: null, version: null }] }])
  t.same(heard.key, [{ serial: SERIAL, account: 'home', previous: false }])
  await clouds.sync()
  t.equal(heard.key.length, 1, 'the same key is no news')
  t.equal(log.lines.filter(({ level }) => level === 'info' || level === 'warn').length, 2, 'folder closed, signed in')
  t.equal(cloud.logins, 1)
})

t.test('speaks as the published example does', async (t) => {
  const { login, devices } = JSON.parse(
    readFileSync(new URL('../../fixtures/cloud-terneo-welrok.json', import.meta.url), 'utf8'),
  )
  const seen: unknown[] = []
  const url = await serve(t, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method, headers } = request
    seen.push([method, request.url, body ? JSON.parse(body) : `Authorization: ${headers.authorization}`])
    response.end(JSON.stringify(method === 'POST' ? login.response : devices.response))
  })
  const { clouds, store } = bridge(t, url, {
    accounts: [{ username: login.request.email, password: login.request.password }],
  })
  t.match(await clouds.sync('home'), [{ state: 'ready', devices: 1 }])
  t.same(seen, [
    ['POST', '/api/login/', login.request],
    ['GET', '/api/device/', devices.header],
  ])
  const [published] = devices.response.results
  t.match(store.keys.of(published.sn), [{ key: published.totp_key }])
})

t.test('ten thousand devices on two hundred pages', async (t) => {
  const cloud = await startCloud(t, { ...withDevices(many(10_000)), pageSize: 50 })
  const { clouds, store, heard } = bridge(t, cloud.url)
  t.match(await clouds.sync(), [{ state: 'ready', devices: 10_000, error: null }])
  t.match(store.keys.of('S10999'), [{ key: key(9999) }])
  t.equal(heard.key.length, 10_000)
})

t.test('ten thousand devices on one page', async (t) => {
  const cloud = await startCloud(t, { ...withDevices(many(10_000)), pageSize: 10_000 })
  const { clouds } = bridge(t, cloud.url)
  t.match(await clouds.sync(), [{ state: 'ready', devices: 10_000, error: null }])
})

t.test('a list without end is cut', async (t) => {
  let page = 0
  const url = await serve(t, (request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"abcdefgh"}')
    page++
    const results = many(5_000).map((device) => ({ ...device, sn: `P${page}-${device.id}` }))
    return response.end(JSON.stringify({ next: `${url}/api/device/?page=${page + 1}`, results }))
  })
  const { clouds } = bridge(t, url)
  t.match(await clouds.sync(), [{ state: 'ready', devices: 20_000, error: { message: /it has no end/ } }])
})

t.test('records are judged one by one, and what was wrong is told once for all', async (t) => {
  const devices = [
    {
      sn: 'GOOD1',
      name: ' Bath\u0000\n ',
      totp_key: KEY,
      type: 'ax',
      version_name: '2.34',
      surprise: { deep: [1] },
      '': '',
    },
    { sn: 'NOKEY1', name: 7 },
    { sn: 'NULLKEY1', name: '', totp_key: null },
    { sn: 'SHORT1', totp_key: 'short' },
    { sn: 'UTF8', totp_key: 'äääääääääääääääa' },
    { sn: 'NUMBER1', totp_key: 1234567890123456 },
    { sn: 'bad/serial', totp_key: KEY },
    { sn: 42, totp_key: KEY },
    { totp_key: KEY },
    { sn: 'TWICE1', name: 'old', totp_key: 'AAAAAAAAAAAAAAAA' },
    { sn: 'TWICE1', name: 'new', totp_key: 'BBBBBBBBBBBBBBBB' },
    { sn: 'TWICE1' },
  ]
  const cloud = await startCloud(t, withDevices(devices))
  const { clouds, store, heard, log } = bridge(t, cloud.url)
  t.match(await clouds.sync(), [{ state: 'ready', devices: 7, error: null }])
  t.same(heard.devices[0]?.devices, [
    { serial: 'GOOD1', name: 'Bath', type: 'ax', version: '2.34' },
    { serial: 'NOKEY1', name: null, type: null, version: null },
    { serial: 'NULLKEY1', name: null, type: null, version: null },
    { serial: 'SHORT1', name: null, type: null, version: null },
    { serial: 'UTF8', name: null, type: null, version: null },
    { serial: 'NUMBER1', name: null, type: null, version: null },
    { serial: 'TWICE1', name: 'new', type: null, version: null },
  ])
  t.same(
    store.keys.all().map(({ serial, key }) => [serial, key]),
    [
      ['GOOD1', KEY],
      ['TWICE1', 'BBBBBBBBBBBBBBBB'],
    ],
  )
  t.match(log.problems(), [
    {
      dropped: {
        'without a key': 3,
        'with a key that is not 16 ASCII characters': 3,
        'without a valid serial': 3,
        repeated: 2,
      },
    },
  ])
})

t.test('items that are no records at all', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"abcdefgh"}')
    return response.end(
      JSON.stringify({ results: [null, 1, 'x', [], { sn: { sn: 1 } }, { sn: SERIAL, totp_key: KEY }] }),
    )
  })
  const { clouds, log } = bridge(t, url)
  t.match(await clouds.sync(), [{ state: 'ready', devices: 1 }])
  t.match(log.problems(), [{ dropped: { 'without a valid serial': 5 } }])
})

t.test('next in a circle, and next elsewhere: what was read counts, and the view says what is missing', async (t) => {
  const cloud = await startCloud(t, { ...withDevices(many(3)), pageSize: 2, quirks: { nextLoop: true } })
  const { clouds, store, heard, log } = bridge(t, cloud.url)
  t.match(await clouds.sync(), [
    { state: 'ready', devices: 3, error: { code: 'CLOUD_UNREACHABLE', message: /form a loop/ } },
  ])
  t.equal(store.keys.all().length, 3)

  cloud.quirks.nextLoop = false
  let elsewhere = 0
  cloud.quirks.nextOrigin = await serve(t, (_, response) => {
    elsewhere++
    response.end('{}')
  })
  t.match(await clouds.sync(), [{ state: 'ready', devices: 3, error: { message: /leads to another server/ } }])
  t.equal(elsewhere, 0, 'the token went nowhere')
  t.equal(heard.devices.at(-1)?.devices.length, 2)
  t.equal(log.problems().length, 1, 'the same kind of error is logged once')

  cloud.quirks.nextOrigin = undefined
  t.match(await clouds.sync(), [{ state: 'ready', devices: 3, error: null }])
  t.equal(heard.key.length, 3)
})

t.test('next may be relative, may name another scheme of the same host, and may be nonsense', async (t) => {
  const nexts: unknown[] = []
  let host = ''
  const url = await serve(t, (request, response) => {
    host = request.headers.host ?? ''
    if (request.method === 'POST') return response.end('{"access_token":"abcdefgh"}')
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? 0)
    return response.end(JSON.stringify({ results: [{ sn: `PAGE${page}`, totp_key: KEY }], next: nexts[page] ?? null }))
  })
  const { clouds } = bridge(t, url)
  await clouds.sync()
  nexts.push('?page=1', `https://${host}/api/device/?page=2`, '/api/device/?page=3')
  t.match(await clouds.sync(), [{ devices: 4, error: null }])
  for (const bad of [7, 'http://[', 'file:///etc/passwd', '//evil.example/', { a: 1 }, 'javascript:1']) {
    nexts[3] = bad
    t.match(await clouds.sync(), [{ error: { message: /leads to another server/ } }], String(bad))
  }
})

t.test('a broken list changes nothing that is held', async (t) => {
  const cloud = await startCloud(t)
  const { clouds, store, clock } = bridge(t, cloud.url)
  await clouds.sync()
  for (const fault of ['bad-json', 'wrong-shape', 'empty', 'bad-gateway', 'cut', 'no-answer'] as const) {
    cloud.quirks.faults.push({ on: 'devices', fault })
    t.match(
      await clock.until(clouds.sync()),
      [{ state: 'unreachable', devices: 1, error: { code: 'CLOUD_UNREACHABLE' } }],
      fault,
    )
  }
  for (const status of [404, 500, 302]) {
    cloud.quirks.faults.push({ on: 'devices', fault: { status } })
    t.match(await clouds.sync(), [{ state: 'unreachable', error: { code: 'CLOUD_UNREACHABLE' } }], String(status))
  }
  t.match(store.keys.of(SERIAL), [{ key: KEY }])
  await clock.advance(0)
  t.match(await clouds.sync(), [{ state: 'ready', error: null }])
  t.equal(cloud.logins, 1)
})

t.test('any JSON at all as the list: a view, never a crash', async (t) => {
  let answer = ''
  const url = await serve(t, (request, response) => {
    response.end(request.method === 'POST' ? '{"access_token":"abcdefgh"}' : answer)
  })
  const { clouds } = bridge(t, url)
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.jsonValue(), fc.record({ results: fc.jsonValue(), next: fc.jsonValue() })),
      async (list) => {
        answer = JSON.stringify(list)
        const [view] = await clouds.sync()
        return view?.state === 'ready' || (view?.state === 'unreachable' && view.error?.code === 'CLOUD_UNREACHABLE')
      },
    ),
    { numRuns: 100 },
  )
})

t.test('a key that changed replaces the old one at once and is told; a device that left keeps its key', async (t) => {
  const cloud = await startCloud(t)
  const { clouds, store, heard, clock } = bridge(t, cloud.url)
  clouds.start()
  await until(() => heard.devices.length === 1)
  const changed = cloud.rebind(SERIAL)
  await clock.advance(6 * HOUR)
  await until(() => heard.devices.length === 2)
  t.same(heard.key.at(-1), { serial: SERIAL, account: 'home', previous: true })
  t.match(store.keys.of(SERIAL), [{ key: changed }])
  cloud.setDevices(EMAIL, [])
  t.match(await clouds.sync(), [{ state: 'ready', devices: 0 }])
  t.match(store.keys.of(SERIAL), [{ key: changed }])
})

t.test('a list described by the configuration', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.method === 'POST') return response.end('{"access_token":"abcdefgh"}')
    return response.end(
      JSON.stringify({ data: { list: [{ id: 'DEV1', secret: { totp: KEY }, label: 'Hall' }] }, links: { next: null } }),
    )
  })
  const { clouds, store, heard } = bridge(t, url, {
    accounts: [
      {
        devices: {
          path: '/mine',
          items: 'data.list',
          serial: 'id',
          key: 'secret.totp',
          name: 'label',
          next: 'links.next',
          type: undefined,
        },
      },
    ],
  })
  t.match(await clouds.sync(), [{ state: 'ready', devices: 1 }])
  t.match(store.keys.of('DEV1'), [{ key: KEY }])
  t.match(heard.devices, [{ devices: [{ name: 'Hall' }] }])
})
