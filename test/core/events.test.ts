import t from 'tap'
import { EventBus } from '../../src/core/events.ts'

interface Events {
  readonly number: number
  readonly text: string
}

function setUp() {
  const failures: [unknown, keyof Events][] = []
  const heard: string[] = []
  const bus = new EventBus<Events>((error, event) => failures.push([error, event]))
  return { bus, failures, heard, hear: (who: string) => (value: number) => void heard.push(`${who} ${value}`) }
}

t.test('each listener of the event hears it, in order', async (t) => {
  const { bus, heard, hear } = setUp()
  bus.on('number', hear('a'))
  bus.on('number', hear('b'))
  bus.on('text', (text) => void heard.push(text))
  bus.emit('number', 1)
  bus.emit('text', 'x')
  t.strictSame(heard, ['a 1', 'b 1', 'x'])
})

t.test('an event that nobody listens to', async (t) => {
  const { bus, failures } = setUp()
  bus.emit('number', 1)
  t.strictSame(failures, [])
})

t.test('a listener that throws keeps nobody from hearing', async (t) => {
  const { bus, failures, heard, hear } = setUp()
  const error = new Error('x')
  bus.on('number', () => {
    throw error
  })
  bus.on('number', hear('b'))
  bus.emit('number', 1)
  t.strictSame(heard, ['b 1'])
  t.strictSame(failures, [[error, 'number']])
})

t.test('unsubscribing, once and again', async (t) => {
  const { bus, heard, hear } = setUp()
  const stop = bus.on('number', hear('a'))
  stop()
  stop()
  bus.emit('number', 1)
  t.strictSame(heard, [])
})

t.test('subscribing and unsubscribing while an event goes round', async (t) => {
  const { bus, heard, hear } = setUp()
  const stopSelf = bus.on('number', (value) => {
    hear('self')(value)
    stopSelf()
    stopLater()
    bus.on('number', hear('new'))
  })
  const stopLater = bus.on('number', hear('later'))
  bus.on('number', hear('last'))
  bus.emit('number', 1)
  t.strictSame(
    heard,
    ['self 1', 'last 1'],
    'what has been unsubscribed is not called any more, nor what is new already',
  )
  bus.emit('number', 2)
  t.strictSame(heard, ['self 1', 'last 1', 'last 2', 'new 2'])
})
