import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import t from 'tap'
import { LanDevice } from '../../../src/lan/lan-device.ts'
import type { InjectedReply } from '../../../src/simulator/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { codeOf, defaults, errorOf, FakeKeys, passing, setpoint, startRig } from '../support.ts'

const fixture: { replies: string[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/refusals.json', import.meta.url), 'utf8'),
)

const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value)

/** What a read comes to when the device keeps answering so, and when it does once. */
const READ: Readonly<Record<string, readonly [always: string, once: string]>> = {
  '{"success":"block"}': ['LAN_LOCKED', 'LAN_LOCKED'],
  '{"sn":"404CCAAAD4E8A89860609800000149","success":"block"}': ['LAN_LOCKED', 'LAN_LOCKED'],
  '{"status":"timeout"}': ['DEVICE_BUSY', 'ok'],
  '{"success":"true"}': ['DEVICE_BAD_REPLY', 'DEVICE_BAD_REPLY'],
  '': ['DEVICE_BAD_REPLY', 'ok'],
  '<html><body>': ['DEVICE_BAD_REPLY', 'DEVICE_BAD_REPLY'],
  '{}': ['DEVICE_BAD_REPLY', 'DEVICE_BAD_REPLY'],
  '{"sn":"404CCAAAD4E8A89860609800000149"}': ['DEVICE_BAD_REPLY', 'DEVICE_BAD_REPLY'],
}

/** The same for a write to a device without lock. */
const WRITE: Readonly<Record<string, readonly [always: string, once: string]>> = {
  '{"success":"block"}': ['LAN_LOCKED', 'LAN_LOCKED'],
  '{"sn":"404CCAAAD4E8A89860609800000149","success":"block"}': ['LAN_LOCKED', 'LAN_LOCKED'],
  '{"status":"timeout"}': ['DEVICE_BUSY', 'ok'],
  '{"success":"true"}': ['not applied', 'not applied'],
  '': ['DEVICE_BAD_REPLY', 'ok'],
  '<html><body>': ['DEVICE_BAD_REPLY', 'ok'],
  '{}': ['DEVICE_BAD_REPLY', 'ok'],
  '{"sn":"404CCAAAD4E8A89860609800000149"}': ['DEVICE_BAD_REPLY', 'ok'],
}

t.same(new Set(fixture.replies), new Set(Object.keys(READ)))

for (const raw of fixture.replies) {
  t.test(`reply ${JSON.stringify(raw)}`, async (t) => {
    for (const [index, count] of [10, 1].entries()) {
      const { clock, unit, device } = await startRig(t, { lock: 'none', keys: new FakeKeys(undefined) })
      const reads = [
        { cmd: 1, read: () => device.readParameters() },
        { cmd: 2, read: () => device.readWeek('floor') },
        { cmd: 3, read: () => device.readTime() },
        { cmd: 4, read: () => device.readTelemetry() },
        { cmd: 10, read: () => device.readWeek('air') },
      ]
      for (const { cmd, read } of reads) {
        unit.quirks.injectReplies = times(count, { on: cmd, reply: { raw } })
        t.equal((await codeOf(clock, read())) ?? 'ok', READ[raw]?.[index], `cmd ${cmd}, ${count} times`)
        unit.quirks.injectReplies = []
        await passing(clock, device.readTelemetry())
      }
      unit.quirks.injectReplies = times(count, { on: 'write', reply: { raw } })
      let outcome = 'ok'
      const write = device
        .write(() => setpoint(231))
        .then(({ notApplied }) => {
          if (notApplied.length > 0) outcome = 'not applied'
        })
      const code = await codeOf(clock, write)
      t.equal(code ?? outcome, WRITE[raw]?.[index], `write, ${count} times`)
      t.equal(unit.parameter(4) === '231', (code ?? outcome) === 'ok')
    }
  })
}

t.test('replies that no device should give', async (t) => {
  const replies: [InjectedReply, string][] = [
    ['wrong-sn', 'DEVICE_BAD_REPLY'],
    ['wrong-types', 'DEVICE_BAD_REPLY'],
    ['megabyte', 'DEVICE_BAD_REPLY'],
    ['never-ending', 'DEVICE_BAD_REPLY'],
    ['half', 'DEVICE_BAD_REPLY'],
    ['slow', 'DEVICE_TIMEOUT'],
    ['no-answer', 'DEVICE_TIMEOUT'],
    [{ redirect: 'http://127.0.0.1:9/' }, 'DEVICE_BAD_REPLY'],
    [{ raw: '{"sn":"404CCAAAD4E8A89860609800000149","par":[[4,3,"200"]]}', status: 500 }, 'DEVICE_BAD_REPLY'],
    [{ raw: '[1,2]' }, 'DEVICE_BAD_REPLY'],
    [{ raw: 'null' }, 'DEVICE_BAD_REPLY'],
    [{ raw: '{"par":[[4,9,"200"],["4",3,"200"],[4,3,{}],7]}' }, 'DEVICE_BAD_REPLY'],
  ]
  for (const [reply, code] of replies) {
    const name = JSON.stringify(reply)
    const { clock, unit, device } = await startRig(t, { lock: 'lan' })
    unit.quirks.injectReplies.push({ on: 1, reply })
    const start = clock.monotonic()
    t.equal(await codeOf(clock, device.readParameters()), code, name)
    t.ok(clock.monotonic() - start < 5200, 'within its time')
    await passing(clock, device.readParameters())

    unit.quirks.injectReplies.push({ on: 'write', reply })
    if (reply === 'wrong-sn') {
      t.equal(
        await codeOf(
          clock,
          device.write(() => setpoint(231)),
        ),
        code,
      )
    } else {
      await passing(
        clock,
        device.write(() => setpoint(231)),
      )
      t.equal(unit.parameter(4), '231', `written in spite of ${name}`)
    }
    t.equal(device.busy, false)
  }
})

t.test('a device that cuts the connection once is asked again', async (t) => {
  const { clock, unit, device } = await startRig(t)
  unit.quirks.injectReplies.push('cut')
  await passing(clock, device.readTelemetry())
  t.equal(unit.requests.length, 2)
})

t.test('a write whose answer is lost is read back, and sent again only when it did not happen', async (t) => {
  for (const lock of ['none', 'lan'] as const) {
    for (const [drops, writes] of [
      [['applied'], 1],
      [['lost'], 2],
      [['lost', 'applied'], 2],
    ] as const) {
      const { clock, unit, device } = await startRig(t, { lock })
      await passing(clock, device.readParameters())
      unit.quirks.dropWrites.push(...drops)
      const outcome = await passing(
        clock,
        device.write(() => setpoint(231)),
      )
      t.same([...outcome.used], [[4, '231']], `${lock} ${drops.join()}`)
      t.equal(unit.writes.length, writes)
      t.equal(unit.parameter(4), '231')
    }
  }
})

t.test('a write that is lost twice is known not to have happened', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none' })
  unit.quirks.injectReplies.push({ on: 'write', reply: 'no-answer' }, { on: 'write', reply: 'no-answer' })
  t.equal(
    await codeOf(
      clock,
      device.write(() => setpoint(231)),
    ),
    'DEVICE_TIMEOUT',
  )
  t.not(unit.parameter(4), '231')
})

t.test('nobody knows when the answer to the question is lost too', async (t) => {
  for (const reply of ['no-answer', 'html', { raw: '{"success":"true"}' }] as const) {
    const { clock, unit, device } = await startRig(t, { lock: 'none' })
    unit.quirks.injectReplies.push({ on: 'write', reply }, ...times(4, { on: 1, reply: 'no-answer' as const }))
    const error = await errorOf(
      clock,
      device.write(() => setpoint(231)),
    )
    t.equal(error?.code, 'OUTCOME_UNKNOWN')
    t.same(error?.details, { cause: 'DEVICE_TIMEOUT' })
    await passing(clock, device.readTelemetry())
  }
})

t.test('busy is waited out with growing pauses', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'lan' })
  unit.quirks.busyNext = 4
  await passing(clock, device.readTelemetry())
  const gaps = unit.requests.slice(1).map(({ at }, i) => at - (unit.requests[i]?.at ?? 0))
  t.equal(gaps.length, 4)
  for (const [i, gap] of gaps.entries()) t.ok(gap >= 500 * 2 ** i, `${gap}`)
  unit.quirks.busyNext = 3
  await passing(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(unit.parameter(4), '231')
  unit.quirks.busyNext = 5
  t.equal(await codeOf(clock, device.readTelemetry()), 'DEVICE_BUSY')
  unit.quirks.busyNext = 5
  t.equal(
    await codeOf(
      clock,
      device.write(() => setpoint(232)),
    ),
    'DEVICE_BUSY',
  )
})

t.test('a wedged device is told from a bad reply, and found to be well again', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none', unit: { quirks: { wedgeAfter: 1, fast: 1e9 } } })
  await passing(clock, device.readTelemetry())
  t.equal(await codeOf(clock, device.readTelemetry()), 'DEVICE_BAD_REPLY')
  const error = await errorOf(clock, device.readTelemetry())
  t.equal(error?.code, 'DEVICE_WEDGED')
  t.match(error?.message, /power off and on/)
  t.match(error?.message, /cloud/)
  const before = unit.requests.length
  t.equal(
    await codeOf(
      clock,
      device.write(() => setpoint(231)),
    ),
    'DEVICE_WEDGED',
    'known, not unknown',
  )
  t.equal(unit.requests.length - before, 1)
  unit.quirks.wedgeAfter = 0
  await unit.powerCycle()
  await passing(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(unit.parameter(4), '231')
})

t.test('nothing there, or nothing that speaks HTTP', async (t) => {
  const clock = new FakeClock()
  const nobody = new LanDevice(defaults(clock))
  t.equal(await codeOf(clock, nobody.readTelemetry()), 'DEVICE_UNREACHABLE')
  t.equal(
    await codeOf(
      clock,
      nobody.write(() => setpoint(231)),
    ),
    'DEVICE_UNREACHABLE',
  )
  const server = createServer((socket) => socket.resume().end('SSH-2.0-something\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const device = new LanDevice({ ...defaults(clock), address: { host: '127.0.0.1', port } })
  t.equal(await codeOf(clock, device.readTelemetry()), 'DEVICE_BAD_REPLY')
  t.equal(clock.waiting, 0, 'no timer is left')
})
