import t from 'tap'
import { eventually } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { startThermostat } from '../support/simulator.ts'
import { ask, askText, exchange, fixture } from './support.ts'

const PAR = { par: [[23, 2, '1']] }

t.test('one request at a time, and not too soon after the last', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { clock, quirks: { minSpacing: 500, latency: 100 } })
  const first = ask(thermostat, { cmd: 1 })
  while (!(await busy()));
  async function busy() {
    return (await askText(thermostat, { cmd: 4 })) === '{"status":"timeout"}'
  }
  await clock.advance(100)
  t.equal((await first).sn, thermostat.serial)
  t.same(await ask(thermostat, { cmd: 4 }), { status: 'timeout' }, 'too soon')
  t.equal(thermostat.requests.at(-1)?.reason, 'too soon after the last request')
  await clock.advance(499)
  t.same(await ask(thermostat, { cmd: 4 }), { status: 'timeout' })
  await clock.advance(1)
  thermostat.quirks.latency = 0
  t.equal((await ask(thermostat, { cmd: 4 })).sn, thermostat.serial)
})

t.test('busy a given number of times, writes included, of which nothing is done', async (t) => {
  const thermostat = await startThermostat(t, { quirks: { busyNext: 2 } })
  const write = { sn: thermostat.serial, ...PAR }
  t.same(await ask(thermostat, write), { status: 'timeout' })
  t.same(await ask(thermostat, write), { status: 'timeout' })
  t.equal(thermostat.parameter(23), '10')
  t.equal((await ask(thermostat, write)).sn, thermostat.serial)
  t.equal(thermostat.parameter(23), '1')
})

t.test('every published refusal can be injected', async (t) => {
  const thermostat = await startThermostat(t)
  const replies: string[] = fixture('refusals').replies
  thermostat.quirks.injectReplies.push(...replies.map((raw) => ({ raw })))
  for (const reply of replies) t.equal(await askText(thermostat, { cmd: 1 }), reply)
  t.equal((await ask(thermostat, { cmd: 1 })).sn, thermostat.serial, 'then all is well')
  t.equal(thermostat.requests.length, replies.length + 1)
})

t.test('replies that are always the same', async (t) => {
  const thermostat = await startThermostat(t)
  thermostat.quirks.injectReplies = ['empty', 'html', 'braces', 'busy', 'block', 'megabyte', { raw: 'x', status: 500 }]
  t.equal(await askText(thermostat, { cmd: 1 }), '')
  t.match(await askText(thermostat, { cmd: 1 }), /^<html>/)
  t.equal(await askText(thermostat, { cmd: 1 }), '{}')
  t.equal(await askText(thermostat, { cmd: 1 }), '{"status":"timeout"}')
  t.equal(await askText(thermostat, { cmd: 1 }), '{"success":"block"}')
  t.ok((await askText(thermostat, { cmd: 1 })).length > 2 ** 20)
  const url = `http://${thermostat.host}:${thermostat.port}/api.cgi`
  t.match(await exchange(url, { body: '{"cmd":1}' }), { status: 500, text: 'x' })
  thermostat.quirks.injectReplies = [{ redirect: 'http://127.0.0.1:1/' }]
  t.match(await exchange(url, { body: '{"cmd":1}' }), { status: 302, headers: { location: 'http://127.0.0.1:1/' } })
})

t.test('replies that bend the true one', async (t) => {
  const thermostat = await startThermostat(t)
  const truth = await ask(thermostat, { cmd: 1 })
  thermostat.quirks.injectReplies = ['wrong-sn', 'wrong-types']
  t.same(await ask(thermostat, { cmd: 1 }), { ...truth, sn: '0000000000000000000000000000FF' })
  const types = await ask(thermostat, { cmd: 1 })
  t.equal(types.sn, truth.sn)
  t.same(types.par[0], ['64', '6', 0])
  thermostat.quirks.injectReplies = ['wrong-types']
  t.same(await ask(thermostat, { sn: 'wrong', ...PAR }), { sn: truth.sn, success: ['block'] })
})

t.test('replies that do not arrive whole', async (t) => {
  const thermostat = await startThermostat(t)
  for (const reply of ['cut', 'half'] as const) {
    thermostat.quirks.injectReplies = [reply]
    await t.rejects(askText(thermostat, { cmd: 1 }), reply)
  }
  for (const reply of ['no-answer', 'never-ending'] as const) {
    thermostat.quirks.injectReplies = [reply]
    const tired = new AbortController()
    const url = `http://${thermostat.host}:${thermostat.port}/api.cgi`
    const unanswered = t.rejects(exchange(url, { body: '{"cmd":1}', signal: tired.signal }), reply)
    await eventually('it is heard', () => thermostat.quirks.injectReplies.length === 0)
    // Another one has its answer by then, which this one would have had before.
    await askText(thermostat, { cmd: 1 })
    tired.abort()
    await unanswered
  }
  t.equal((await ask(thermostat, { cmd: 1 })).sn, thermostat.serial)
})

t.test('a slow reply takes its time, by the injected clock', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { clock, quirks: { slowInterval: 10, injectReplies: ['slow'] } })
  let text = ''
  const asked = askText(thermostat, { cmd: 3 }).then((answer) => {
    text = answer
  })
  while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
  await clock.advance(200)
  t.equal(text, '')
  await clock.advance(2000)
  await asked
  t.equal(JSON.parse(text).sn, thermostat.serial)
})

t.test('an injected reply can wait for its request', async (t) => {
  const thermostat = await startThermostat(t)
  thermostat.quirks.injectReplies = [
    { on: 'write', reply: 'empty' },
    { on: 4, reply: { raw: 'four' } },
  ]
  t.equal((await ask(thermostat, { cmd: 1 })).sn, thermostat.serial)
  t.equal(await askText(thermostat, { cmd: 4 }), 'four')
  t.equal(await askText(thermostat, { sn: thermostat.serial, ...PAR }), '')
  t.equal(thermostat.parameter(23), '10', 'not done')
})

t.test('a write whose answer is lost was done, or was not', async (t) => {
  const thermostat = await startThermostat(t, { quirks: { dropWrites: ['lost', 'applied'] } })
  const write = { sn: thermostat.serial, ...PAR }
  t.equal((await ask(thermostat, { cmd: 1 })).sn, thermostat.serial, 'reads go through')
  await t.rejects(ask(thermostat, write))
  t.equal(thermostat.parameter(23), '10')
  await t.rejects(ask(thermostat, write))
  t.equal(thermostat.parameter(23), '1')
  t.match(thermostat.writes, [{ accepted: false, reason: 'lost' }, { accepted: true }])
})

t.test('hurried for too long it wedges, until its power is cut', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { clock, quirks: { wedgeAfter: 3 } })
  for (let i = 0; i < 10; i++) {
    t.equal((await ask(thermostat, { cmd: 4 })).sn, thermostat.serial)
    await clock.advance(500)
  }
  t.equal(thermostat.wedged, false, 'not hurried')
  for (let i = 0; i < 4; i++) await askText(thermostat, { cmd: 4 })
  await clock.advance(60_000)
  t.equal(await askText(thermostat, { cmd: 4 }), '')
  t.equal(thermostat.wedged, true)
  const beacons: string[] = []
  thermostat.startBeacons((datagram) => beacons.push(datagram), 1000)
  await clock.advance(5000)
  t.equal(beacons.length, 0, 'it broadcasts no more')
  await thermostat.powerCycle()
  t.equal((await ask(thermostat, { cmd: 4 })).sn, thermostat.serial)
  await clock.advance(5000)
  t.ok(beacons.length > 1)
})

t.test('closes connections when told so', async (t) => {
  const thermostat = await startThermostat(t, { quirks: { closeConnections: true } })
  const url = `http://${thermostat.host}:${thermostat.port}/api.cgi`
  const { headers } = await exchange(url, { body: '{"cmd":1}', headers: { connection: 'keep-alive' } })
  t.equal(headers.connection, 'close')
})

t.test('has no other page, takes no other method and no long body', async (t) => {
  const thermostat = await startThermostat(t)
  const origin = `http://${thermostat.host}:${thermostat.port}`
  t.equal((await exchange(`${origin}/index.html`, { body: '{}' })).status, 404)
  t.equal((await exchange(`${origin}/api.cgi`, { method: 'GET' })).status, 404)
  await t.rejects(exchange(`${origin}/api.cgi`, { body: ' '.repeat(100_000) }))
  t.equal((await ask(thermostat, { cmd: 1 })).sn, thermostat.serial)
})

t.test('the test page restarts and blinks', async (t) => {
  const thermostat = await startThermostat(t, { model: 'ax' })
  t.equal((await ask(thermostat, { cmd: 4 }))['o.1'], '4')
  t.same(await ask(thermostat, { cmd: 'blink' }, '/test.cgi'), { success: 'true' })
  t.same(await ask(thermostat, { cmd: 'explode' }, '/test.cgi'), {})
  t.same(await ask(thermostat, { cmd: 'restart' }, '/test.cgi'), { success: 'true' })
  t.equal((await ask(thermostat, { cmd: 4 }))['o.1'], '8')
  t.match(
    thermostat.requests.filter(({ path }) => path === '/test.cgi').map(({ accepted }) => accepted),
    [true, false, true],
  )
  t.equal(thermostat.writes.length, 0)
})

t.test('remembers so many requests and tells of each', async (t) => {
  const thermostat = await startThermostat(t, { logSize: 3 })
  let told = 0
  const off = thermostat.on('request', () => told++)
  for (let i = 0; i < 5; i++) await ask(thermostat, { cmd: 4 })
  off()
  await ask(thermostat, { cmd: 1 })
  t.equal(told, 5)
  t.match(
    thermostat.requests.map(({ body }) => body),
    [{ cmd: 4 }, { cmd: 4 }, { cmd: 1 }],
  )
})
