import { EventEmitter } from 'node:events'
import t from 'tap'
import { table } from '../../../src/commands/console/tools.ts'
import { freePort, listens, ownUdpPort, whyNotListen } from '../../../src/commands/running/ports.ts'
import { stopWithin, untilSignal } from '../../../src/commands/running/process.ts'
import { fromSettings } from '../../../src/config/errors.ts'
import { SettingsError } from '../../../src/config/index.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'

t.test('the first signal counts, later ones change nothing', async (t) => {
  const signals = new EventEmitter()
  const first = untilSignal(signals)
  signals.emit('SIGTERM', 'SIGTERM')
  signals.emit('SIGINT', 'SIGINT')
  t.equal(await first, 'SIGTERM')
  t.equal(signals.listenerCount('SIGINT'), 1, 'it is still caught')
  signals.emit('SIGHUP', 'SIGHUP')
  const other = new EventEmitter()
  const hung = untilSignal(other)
  other.emit('SIGHUP', 'SIGHUP')
  t.equal(await hung, 'SIGHUP', 'the end of the terminal is one as well')
})

t.test('stopping takes five seconds at most', async (t) => {
  const clock = new FakeClock()
  await stopWithin(clock, async () => 'done')
  t.equal(clock.waiting, 0)
  await t.rejects(
    stopWithin(clock, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.equal(clock.waiting, 0)
  const hangs = stopWithin(clock, () => new Promise(() => undefined))
  const rejected = t.rejects(hangs, { code: 'INTERNAL', message: /^Stopping took more than 5 s/ })
  await clock.advance(5_000)
  await rejected
})

t.test('what is refused before anything runs is wrong in the settings', async (t) => {
  const refuse = (code: 'BAD_REQUEST' | 'INTERNAL') => () => {
    throw new BridgeError(code, 'mqtt.ca is no certificate')
  }
  t.equal(
    fromSettings(() => 1),
    1,
  )
  t.throws(() => fromSettings(refuse('BAD_REQUEST')), SettingsError)
  t.throws(() => fromSettings(refuse('INTERNAL')), BridgeError)
})

t.test('ports that are free, and ports that are not', async (t) => {
  const { createServer } = await import('node:net')
  const { createSocket } = await import('node:dgram')
  const port = await unusedPort()
  t.equal(await freePort('127.0.0.1', port), port)
  const server = createServer().listen(port, '127.0.0.1')
  t.teardown(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  t.equal(await freePort('127.0.0.1', port), 0)
  t.equal(await listens('127.0.0.1', port), false)
  t.equal(await whyNotListen('192.0.2.1', 0), 'EADDRNOTAVAIL')

  const shared = createSocket({ type: 'udp4', reuseAddr: true })
  t.teardown(() => shared.close())
  await new Promise<void>((resolve) => shared.bind(0, '127.0.0.1', resolve))
  const taken = shared.address().port
  const own = await ownUdpPort('127.0.0.1', taken)
  t.not(own, taken)
  t.equal(await ownUdpPort('127.0.0.1', own), own)
  await t.rejects(ownUdpPort('192.0.2.1', 0), { code: 'EADDRNOTAVAIL' })
})

t.test('columns stand below each other', async (t) => {
  t.strictSame(table([['A', 'LONG', 'C'], ['longer', 'b'], []]), ['A       LONG  C', 'longer  b', ''])
})
