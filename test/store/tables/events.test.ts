import t from 'tap'
import { folded } from '../../../src/devices/news/fold.ts'
import { open } from '../support.ts'

t.test('what happened is bounded for each device and in all, and holds no known secret', async (t) => {
  const { store, log } = open(t, t.testdir({}))
  const event = (serial: string | null, message: string) =>
    ({ at: 1, type: 'x', serial, account: null, message, details: { message } }) as const
  log.secrets.remember('secret-value')
  store.events.add([event('A-1', 'has secret-value')])
  t.match(store.events.page(1, null), [{ message: 'has ********', details: { message: 'has ********' } }])
  store.events.add(Array.from({ length: 600 }, (_, i) => event('A-1', `a${i}`)))
  store.events.add([event('B-1', 'b'), event(null, 'c')])
  const own = store.events.page(999, null, 'A-1')
  t.equal(own.length, 500)
  t.match([own[0], own.at(-1)], [{ message: 'a599' }, { message: 'a100' }])
  t.strictSame(
    store.events.page(2, null).map(({ message }) => message),
    ['c', 'b'],
    'of others nothing is lost',
  )
  const [newest] = own
  t.equal(store.events.page(1, newest?.id ?? 0, 'A-1')[0]?.message, 'a598', 'from there on')
  for (let n = 0; n < 41; n++) store.events.add(Array.from({ length: 500 }, (_, i) => event(`D-${n}`, `${i}`)))
  t.equal(store.events.page(30_000, null).length, 20_000)
})

t.test('which faults were told of as having begun, by the last event of each', async (t) => {
  const { store } = open(t, t.testdir({}))
  const event = (type: string, fault?: string) =>
    ({
      at: 1,
      type,
      serial: 'A-1',
      account: null,
      message: 'm',
      details: fault === undefined ? null : { fault },
    }) as const
  t.equal(store.events.faultsTold('A-1').size, 0)
  t.equal(store.events.offlineTold('A-1'), false)
  store.events.add([event('device_offline'), event('fault_ended', 'cold')])
  t.equal(store.events.offlineTold('A-1'), true)
  t.equal(store.events.offlineTold('B-1'), false)
  store.events.add([event('fault_began', 'hot'), event('fault_began', 'lost'), event('device_online')])
  store.events.add([
    event('fault_ended', 'hot'),
    event('fault_ended'),
    { ...event('fault_began', 'hot'), serial: 'B-1' },
  ])
  t.strictSame(
    [...store.events.faultsTold('A-1')],
    [
      ['cold', false],
      ['hot', false],
      ['lost', true],
    ],
  )
  t.equal(store.events.offlineTold('A-1'), false, 'it was told to answer since')
})

t.test('which findings were told of and are not over', async (t) => {
  const { store } = open(t, t.testdir({}))
  const event = (type: string, finding?: string, serial = 'A-1') =>
    ({ at: 1, type, serial, account: null, message: type, details: finding ? { finding } : null }) as const
  t.strictSame(store.events.findingsTold('A-1'), [])
  store.events.add([event('finding_began', 'too_warm'), event('finding_began', 'clock_wrong'), event('finding_began')])
  store.events.add([event('finding_ended', 'too_warm'), event('finding_began', 'sensor_jumps', 'B-1')])
  t.strictSame(store.events.findingsTold('A-1'), ['clock_wrong'])
})

t.test('those who are not known to be devices push out nobody else, and are gone once found', async (t) => {
  const { store } = open(t, t.testdir({}))
  const event = (type: string, serial: string, at = 1) =>
    ({ at, type, serial, account: null, message: `${type} ${serial}`, details: { host: '192.168.1.7' } }) as const
  store.events.add([event('device_found', 'A-1')])
  for (let i = 0; i < 300; i++) store.events.add([event('device_unconfirmed', `S-${i}`)])
  t.equal(store.events.page(999, null).length, 101)
  t.equal(store.events.unconfirmedTold(0).length, 100)
  store.events.add([event('device_found', 'S-299'), event('device_unconfirmed', 'S-298', 5)])
  t.equal(store.events.unconfirmedTold(0).length, 98)
  t.strictSame(store.events.unconfirmedTold(5), ['device_unconfirmed S-298'])
})

t.test('commands have limits of their own, in number and in age, and push out nothing else', async (t) => {
  const { store } = open(t, t.testdir({}))
  const event = (type: string, at: number, serial = 'A-1') =>
    ({ at, type, serial, account: null, message: `${type} ${at}`, details: null }) as const
  const types = () => store.events.page(30_000, null, 'A-1').map(({ type }) => type)
  store.events.add([event('fault_began', 1)])
  store.events.add(Array.from({ length: 1_000 }, (_, i) => event(i % 2 ? 'command' : 'command_failed', 1_000 + i)))
  t.equal(types().length, 301)
  t.equal(types().at(-1), 'fault_began', 'what was told of a fault is not forgotten')
  store.events.add(Array.from({ length: 600 }, (_, i) => event('device_online', 2_000 + i)))
  t.equal(types().filter((type) => type.startsWith('command')).length, 300)
  for (let n = 0; n < 70; n++)
    store.events.add(Array.from({ length: 300 }, (_, i) => event('command', 9_000 + 300 * n + i, `D-${n}`)))
  const all = store.events.page(50_000, null)
  t.equal(all.filter(({ type }) => type === 'command').length, 20_000)
  t.equal(all.filter(({ type }) => type === 'device_online').length, 500)
  store.events.add([event('changed_at_device', 367 * 86_400_000)])
  const left = store.events.page(50_000, null)
  t.match(left[0], { type: 'changed_at_device' })
  t.equal(left.length, 501, 'who set what is of no use after a year')
})

t.test('what is one matter is kept as one, also across a restart of the bridge', async (t) => {
  const dir = t.testdir({})
  const { store } = open(t, dir)
  const command = (at: number, from: number, to: number, serial = 'A-1') => {
    const details = { by: { via: 'user', name: 'Olena' }, what: 'set', values: { x: { from, to } } }
    return { at, type: 'command', serial, account: null, message: 'm', details }
  }
  store.events.add([command(0, 20, 21), command(10, 21, 22), command(20, 22, 23, 'B-1')], folded)
  store.close()
  const again = open(t, dir).store
  again.events.add([command(30, 22, 25)], folded)
  t.match(again.events.page(10, null, 'A-1'), [
    { at: 30, message: 'Olena set x from 20 to 25.', details: { times: 3, since: 0 } },
  ])
  const [newest] = again.events.page(1, null)
  t.equal(newest?.serial, 'A-1', 'it is the newest of all again')
  t.equal(again.events.page(10, null).length, 2)
})
