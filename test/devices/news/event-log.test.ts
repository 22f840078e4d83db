import t from 'tap'
import { EventBus } from '../../../src/core/events.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { EventLog } from '../../../src/devices/news/event-log.ts'
import type { DeviceEvents, LoggedEvent } from '../../../src/devices/ports.ts'
import { FakeClock } from '../../support/fake-clock.ts'

function setUp() {
  const clock = new FakeClock()
  const lines: string[] = []
  const commits: Omit<LoggedEvent, 'id'>[][] = []
  const disk = { full: false }
  const events = new EventBus<DeviceEvents>(() => t.fail('a listener failed'))
  const log = new EventLog({
    events,
    clock,
    logger: createLogger({ level: 'debug', secrets: new SecretValues(), write: (line) => lines.push(line) }),
    memory: {
      add: (batch) => {
        if (disk.full) throw new Error('full')
        commits.push([...batch])
      },
      page: () => commits.flat().map((event, id) => ({ id, ...event })),
    },
  })
  log.start()
  return { clock, lines, commits, disk, events, log }
}

t.test('events are kept together, whatever their type, with what is secret by its name masked', async (t) => {
  const { clock, commits, events, log } = setUp()
  events.emit('event', { type: 'device_online', serial: 'A-1', message: 'a', details: { totp_key: 'k', n: 1 } })
  events.emit('event', { type: 'account_state', account: 'home', message: 'b' })
  t.equal(commits.length, 0, 'each commit waits for the disk')
  await clock.advance(500)
  t.match(commits, [
    [
      { type: 'device_online', serial: 'A-1', account: null, details: { totp_key: '********', n: 1 } },
      { type: 'account_state', serial: null, account: 'home', details: null },
    ],
  ])
  events.emit('event', { type: 'device_offline', serial: 'A-1', message: 'c' })
  t.equal(log.page(10, null).length, 3, 'who asks sees all')
  events.emit('event', { type: 'device_online', serial: 'A-1', message: 'd' })
  log.stop()
  t.equal(commits.flat().length, 4, 'the end loses none')
  events.emit('event', { type: 'device_offline', serial: 'A-1', message: 'e' })
  await clock.advance(60_000)
  t.equal(commits.flat().length, 4)
})

t.test('a store that takes nothing is told once, and gets the newest later', async (t) => {
  const { clock, lines, commits, disk, events } = setUp()
  disk.full = true
  for (let i = 0; i < 700; i++) events.emit('event', { type: 'device_online', serial: 'A-1', message: String(i) })
  await clock.advance(500)
  await clock.advance(120_000)
  t.equal(lines.length, 1)
  disk.full = false
  await clock.advance(60_000)
  t.equal(commits.flat().length, 500, 'bounded')
  t.equal(commits.flat().at(-1)?.message, '699')
})

t.test(
  'a thousand commands in a minute are kept in few commits, after their results, also by a store that is full',
  async (t) => {
    const { clock, commits, disk, events, log, lines } = setUp()
    const details = { by: { via: 'mqtt' }, what: 'set', about: ['mode'], values: { mode: { from: 'off', to: 'heat' } } }
    const command = (n: number) => events.emit('logged', { type: 'command', serial: 'A-1', message: `${n}`, details })
    for (let n = 0; n < 1_000; n++) {
      const before = commits.length
      command(n)
      if (commits.length !== before) return t.fail('a command waits for the disk')
      await clock.advance(60)
    }
    await clock.advance(1_000)
    t.ok(commits.length <= 120, `${commits.length} commits`)
    t.equal(commits.flat().length, 1_000)
    t.match(commits.flat()[0], { type: 'command', serial: 'A-1', details })
    disk.full = true
    for (let n = 0; n < 1_000; n++) command(n)
    await clock.advance(500)
    t.equal(lines.length, 1, 'said once')
    t.doesNotThrow(() => log.page(10, null), 'what is stored can still be read')
    log.stop()
  },
)
