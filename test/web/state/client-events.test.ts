/** The event stream as the page follows it, without a browser. */
import t from 'tap'
import { RequestError } from '../../../src/web/api/answers.ts'
import { EventParser, Live, type LiveState, type ServerEvent } from '../../../src/web/api/live.ts'
import { tick, timers } from './page-rig.ts'

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
