import t from 'tap'
import { Lines } from '../../../src/lan/exchange/lines.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const at = (last: number) => ({ host: `192.168.1.${last}`, port: 80 })

t.test('one at a time at an address, with a pause in between; others do not wait', async (t) => {
  const clock = new FakeClock()
  const lines = new Lines(clock)
  const log: string[] = []
  const talk = async (name: string, last: number) => {
    const leave = await lines.take(at(last), undefined)
    log.push(`${name} ${clock.monotonic()}`)
    clock.timer(100, () => leave(500))
  }
  const start = clock.monotonic()
  void talk('a', 1)
  void talk('b', 1)
  void talk('c', 2)
  void talk('d', 1)
  await clock.advance(1_600)
  t.same(log, [`a ${start}`, `c ${start}`, `b ${start + 600}`, `d ${start + 1_200}`])
  t.equal(lines.pause(at(1)), 200)
  t.equal(lines.pause(at(3)), 0)
})

t.test('who gives up waits no longer, and lets nobody else in early', async (t) => {
  const clock = new FakeClock()
  const lines = new Lines(clock)
  const leaveFirst = await lines.take(at(1), undefined)
  const abort = new AbortController()
  const second = lines.take(at(1), abort.signal)
  let third = false
  void lines.take(at(1), undefined).then(() => {
    third = true
  })
  abort.abort()
  const leaveSecond = await second
  leaveSecond(0)
  await clock.advance(1_000)
  t.equal(third, false, 'the first still talks')
  leaveFirst(0)
  await clock.advance(0)
  t.equal(third, true)
})

t.test('addresses that nobody uses are forgotten', async (t) => {
  const clock = new FakeClock()
  const lines = new Lines(clock)
  const stays = await lines.take(at(0), undefined)
  for (let i = 0; i < 5_000; i++) {
    const leave = await lines.take({ host: `10.0.${i >> 8}.${i & 255}`, port: 80 }, undefined)
    leave(500)
    await clock.advance(100)
  }
  t.ok(lines.size <= 128, `${lines.size}`)
  stays(0)
})
