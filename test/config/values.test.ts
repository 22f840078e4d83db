import fc from 'fast-check'
import t from 'tap'
import { Refusal } from '../../src/config/errors.ts'
import { nearest } from '../../src/config/loading/nearest.ts'
import { DEVICE } from '../../src/config/settings/accounts.ts'
import { isHost, parseBroker, parseHttpUrl } from '../../src/config/settings/address.ts'
import { API } from '../../src/config/settings/api.ts'
import { formatDuration, parseDuration } from '../../src/config/settings/duration.ts'
import { ENERGY } from '../../src/config/settings/energy.ts'
import { BASE32, BOOLEAN, BROKERS, JSON_PATH, list, PORT, TOPIC } from '../../src/config/settings/kinds.ts'
import { plain } from '../../src/config/settings/setting.ts'
import { isLoopback } from '../../src/core/network/addresses.ts'
import { load } from './support.ts'

/** Whether it is read; what is not must be refused, and not fail in another way. */
function isTaken(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

t.test('durations', async (t) => {
  const good: readonly [unknown, number][] = [
    ['500ms', 500],
    ['15s', 15_000],
    ['5m', 300_000],
    ['6h', 21_600_000],
    ['1d', 86_400_000],
    [' 6 h ', 21_600_000],
    ['1500', 1_500],
    [1500, 1_500],
    [0, 0],
  ]
  for (const [raw, ms] of good) t.equal(parseDuration(raw), ms, JSON.stringify(raw))
  const bad = ['', 's', '-1s', '1.5h', '1w', '1e3', '5 m s', '0x10', '١s', '9999999999999999d', '99999999999999d']
  for (const raw of [...bad, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, true, null, undefined, [], {}, 10n]) {
    t.throws(() => parseDuration(raw), Refusal, String(raw))
  }
})

t.test('every duration that is written is read back as it was', async () => {
  fc.assert(fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (ms) => parseDuration(formatDuration(ms)) === ms))
  const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  fc.assert(
    fc.property(
      fc.nat({ max: 100_000_000 }),
      fc.constantFrom(...Object.entries(units)),
      fc.constantFrom('', ' '),
      (count, [unit, ms], gap) => {
        return parseDuration(`${count}${gap}${unit}`) === count * ms
      },
    ),
  )
})

t.test('whatever text comes, a duration is a whole number of milliseconds or refused', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.anything()), (raw) => {
      try {
        const ms = parseDuration(raw)
        return Number.isSafeInteger(ms) && ms >= 0
      } catch (error) {
        return error instanceof Refusal
      }
    }),
  )
})

t.test('hosts', async (t) => {
  for (const host of ['localhost', 'broker.local', 'my_broker', '10.0.0.1', '::1', 'fe80::1', 'a.b.c.', 'x1']) {
    t.ok(isHost(host), host)
  }
  for (const host of ['', '-a', 'a..b', '300.1.1.1', '1.2.3', '1', 'a b', 'a/b', '::g', 'a'.repeat(254)]) {
    t.notOk(isHost(host), host)
  }
  for (const host of ['localhost', 'cloud.localhost', '127.0.0.2', '::1', '[::1]']) t.ok(isLoopback(host), host)
  for (const host of ['10.0.0.1', '127.example', '::2', '0.0.0.0']) t.notOk(isLoopback(host), host)
})

t.test('addresses of brokers', async (t) => {
  const good = ['mqtt://broker', 'mqtts://broker:8883', 'ws://10.0.0.1:9001/mqtt', 'wss://[::1]:443/a/b', 'mqtt://b:1/']
  for (const url of good) t.equal(parseBroker(` ${url} `), url)
  const bad = [
    'broker',
    'http://broker',
    'mqtt://',
    'mqtt://:1883',
    'mqtt://broker:0',
    'mqtt://broker:65536',
    'mqtt://broker:',
    'mqtt://broker:1e3',
    'mqtt://broker/path',
    'mqtt://bro ker',
    'mqtt://[::g]',
    'mqtt://broker?x=1',
    'mqtt://me:secret@broker',
    1883,
    null,
  ]
  for (const url of bad) t.throws(() => parseBroker(url), Refusal, String(url))
  t.same(BROKERS.read('mqtt://a, mqtts://b:2'), ['mqtt://a', 'mqtts://b:2'])
  t.same(BROKERS.read(['mqtt://a']), ['mqtt://a'])
  t.same(BROKERS.read(' '), [])
  t.throws(() => BROKERS.read(Array(17).fill('mqtt://a')), Refusal)
  t.throws(() => BROKERS.read('mqtt://a,,mqtt://b'), Refusal)
})

t.test('addresses of clouds', async (t) => {
  t.equal(parseHttpUrl('https://login.txty.dk/api/4/'), 'https://login.txty.dk/api/4')
  t.equal(parseHttpUrl(' http://127.0.0.1:8080 '), 'http://127.0.0.1:8080')
  const bad = ['', 'cloud', 'ftp://c', 'https://', 'https://c:0', 'https://c:99999', 'https://a b', 'https://u:p@c']
  for (const url of [...bad, 'https://c/?key=1', 'https://c/#x', 'https://c_/%zz?', 'https:c', 'https://-x', 7]) {
    t.throws(() => parseHttpUrl(url), Refusal, String(url))
  }
})

t.test('truth, ports, topics, paths and base32 are read strictly', async (t) => {
  t.equal(BOOLEAN.read(' TRUE '), true)
  t.equal(BOOLEAN.read('false'), false)
  for (const raw of ['yes', '1', 1, 0, '', null]) t.throws(() => BOOLEAN.read(raw), Refusal, String(raw))
  t.equal(PORT.read('0'), 0)
  t.equal(PORT.read(65535), 65535)
  for (const raw of ['80abc', '-1', '65536', 1.5, '', true, null]) t.throws(() => PORT.read(raw), Refusal, String(raw))
  t.equal(TOPIC.read('a/b-c/d.e_f'), 'a/b-c/d.e_f')
  for (const raw of ['', '/a', 'a/', 'a//b', 'a/+', '#', 'ä', 'a b', 'x'.repeat(129), 5]) {
    t.throws(() => TOPIC.read(raw), Refusal, String(raw))
  }
  t.equal(JSON_PATH.read('data.list'), 'data.list')
  for (const raw of ['', '.a', 'a..b', 'a[0]', '__proto__', 'a.constructor', 'x'.repeat(129)]) {
    t.throws(() => JSON_PATH.read(raw), Refusal, String(raw))
  }
  t.equal(BASE32.read('jbsw y3dp-ehpk 3pxp=='), 'JBSWY3DPEHPK3PXP')
  t.throws(() => BASE32.read('JBSWY3DPEHPK3PX1'), Refusal)
})

t.test('the nearest name is one that is near', async (t) => {
  const names = ['mqtt.url', 'mqtt.username', 'mqtt.password', 'device.poll_interval']
  t.equal(nearest('mqtt.usrname', names), 'mqtt.username')
  t.equal(nearest('poll-interval', names), 'device.poll_interval')
  t.equal(nearest('MQTT.URL', names), 'mqtt.url')
  t.equal(nearest('colour', names), undefined)
  t.equal(nearest('x'.repeat(1_000_000), names), undefined)
})

t.test('lists are the work of the loader, and values are plain', async (t) => {
  t.throws(() => list(DEVICE, 1, 'serial').read('x'), Refusal)
  t.same(plain([1, 'a', [true, null]]), [1, 'a', [true, null]])
  t.throws(() => plain({}), Refusal)
})

t.test('proxies and origins', async (t) => {
  const proxies = async (T2M_API_TRUST_PROXY: string) =>
    (await load({ env: { T2M_API_TRUST_PROXY } })).settings.api.trust_proxy
  t.equal(await proxies('false'), false)
  t.equal(await proxies(' TRUE '), true)
  t.same(await proxies('10.0.0.2, 192.168.0.0/16,::1,fd00::/8'), ['10.0.0.2', '192.168.0.0/16', '::1', 'fd00::/8'])
  for (const bad of ['yes', '10.0.0.256', '10.0.0.0/33', '::1/129', 'proxy.example', 'true,10.0.0.1', '10.0.0.1,']) {
    await t.rejects(proxies(bad), { message: /api\.trust_proxy/ }, bad)
  }
  const file = async (text: string) => (await load({ file: text })).settings.api
  t.same((await file('api: {trust_proxy: [10.0.0.2]}')).trust_proxy, ['10.0.0.2'])
  t.equal((await file('api: {trust_proxy: []}')).trust_proxy, false)
  t.equal((await file('api: {trust_proxy: true}')).trust_proxy, true)
  const origins = 'https://home.example:8443, http://10.0.0.5'
  t.same((await load({ env: { T2M_API_ALLOWED_ORIGINS: origins } })).settings.api.allowed_origins, [
    'https://home.example:8443',
    'http://10.0.0.5',
  ])
  for (const bad of [
    '*',
    'home.example',
    'https://home.example/path',
    'https://a:b@home.example',
    'null',
    'file:///x',
  ]) {
    await t.rejects(load({ env: { T2M_API_ALLOWED_ORIGINS: bad } }), { message: /api\.allowed_origins/ }, bad)
  }
  t.same((await load({ env: { T2M_API_HOSTS: 'Heat.example., *.home.example,*' } })).settings.api.hosts, [
    'heat.example',
    '*.home.example',
    '*',
  ])
  for (const bad of [
    'https://heat.example',
    'heat.example:443',
    'a b',
    '*heat.example',
    'a.*.example',
    'heat.example,',
  ]) {
    await t.rejects(load({ env: { T2M_API_HOSTS: bad } }), { message: /api\.hosts/ }, bad)
  }
  await t.rejects(load({ env: { T2M_API_TLS_CERT: '/a.pem' } }), {
    message: /api\.tls\.cert: given without api\.tls\.key/,
  })
})

t.test('a price is a number that can be one, and a currency is short', async (t) => {
  const { price, night_price: night, currency } = ENERGY
  const good: readonly (readonly [unknown, number])[] = [
    [0, 0],
    [4.32, 4.32],
    [' 0.205 ', 0.205],
    ['1000000', 1_000_000],
  ]
  const tooMuch = [-0.01, 1_000_001, Number.NaN, Number.POSITIVE_INFINITY, '-1', '1000001']
  const odd = ['NaN', 'Infinity', '1e3', '0x10', '٤', '4,32', '⚡️💶', '<script>1</script>', '1'.repeat(300)]
  for (const row of [price, night]) {
    t.same(
      good.map(([raw]) => row.read(raw)),
      good.map(([, read]) => read),
    )
    t.same([row.read(''), row.read(null)], [null, null], 'none')
    const taken = [...tooMuch, ...odd, true, undefined, [1], {}, 1n].filter((raw) => isTaken(() => row.read(raw)))
    t.same(taken, [])
  }
  const names = ['€', 'zł', '₴', 'UAH', '<b>x</b>', '💶💶💶💶', 'د.إ', 'Kč', '👩‍🌾']
  t.same(
    names.map((name) => currency.read(name)),
    names,
  )
  const bad = [
    '',
    'x'.repeat(9),
    '💶'.repeat(5),
    'a\nb',
    '\u0000',
    // Right to left, a mark, no width, a line, a soft hyphen, half a letter, and nothing to see at all.
    ...['\u202eEUR', '\u200eEUR', 'E\u200bUR', 'E\u2028R', 'E\u00adR', '\ufeff€', '\ud800', '   ', '\u00a0'],
    '<script>1</script>',
    'x'.repeat(300),
    7,
    null,
    ['€'],
  ]
  t.same(
    bad.filter((raw) => isTaken(() => currency.read(raw))),
    [],
  )
})

t.test('paths to stand below', async (t) => {
  const { base_path: row } = API
  const taken = ['', '/heat', '/house/heat-2', '/~me/heat_1.0', '/apis', '/docs-of-heat', '/a/api']
  t.same(
    taken.map((path) => row.read(path)),
    taken,
  )
  const own = ['/api', '/api/heat', '/docs', '/assets/x', '/metrics', '/healthz', '/readyz', '/openapi.json']
  const odd = [
    '/',
    'heat',
    '/heat/',
    '//heat',
    '/heat//x',
    '/../heat',
    '/heat/./x',
    '/a b',
    '/%2e',
    '/a?b',
    '/a#b',
    '/ä',
    7,
  ]
  const readable = [...own, ...odd, `/${'a'.repeat(128)}`].filter((path) => isTaken(() => row.read(path)))
  t.same(readable, [])
})

t.test('the address of the ingress is one, and no name', async (t) => {
  const { proxy, users } = API.ingress
  t.equal(proxy.read(' 172.30.32.2 '), '172.30.32.2')
  t.equal(proxy.read('fd0c::2'), 'fd0c::2')
  for (const raw of ['supervisor', '172.30.32.0/23', '172.30.32.2:80', 'true', 7])
    t.throws(() => proxy.read(raw), Refusal)
  t.same(users.read('olena, петро'), ['olena', 'петро'])
  t.throws(() => users.read(['olena', '']), Refusal)
})
