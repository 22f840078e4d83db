import t from 'tap'
import { type Connected, type Subscribe, Subscriptions } from '../../../src/mqtt/client/subscriptions.ts'

const COMMAND = { qos: 1 } as const
const OWN = { qos: 0, rh: 0, readOnce: true } as const

type Asked = Parameters<Subscribe>

/** What a broker is asked, and answered when a test says so. */
function rig() {
  const asked: Asked[] = []
  const refused: string[] = []
  let ready = 0
  const subscriptions = new Subscriptions((filters) => refused.push(...filters))
  const connection = (resumed = false, version: Connected['version'] = 5): Connected => ({
    resumed,
    version,
    subscribe: (...ask) => asked.push(ask),
    onReady: () => {
      ready++
    },
  })
  /** Answers what waits, and returns the filters of each portion. */
  const answer = (no: readonly string[] = []): string[][] => {
    const portions: string[][] = []
    for (let next = asked.shift(); next; next = asked.shift()) {
      const names = Object.keys(next[0])
      portions.push(names)
      next[1](names.filter((name) => no.includes(name)))
    }
    return portions
  }
  return { subscriptions, asked, refused, connection, answer, ready: () => ready }
}

t.test('thousands are asked for in portions, one after the other, those that are read once last', async (t) => {
  const { subscriptions, asked, connection, answer, ready } = rig()
  for (let i = 0; i < 120; i++) subscriptions.add(`own/${i}`, OWN)
  for (let i = 0; i < 60; i++) subscriptions.add(`set/${i}`, COMMAND)
  subscriptions.add('x'.repeat(4_000), OWN)
  subscriptions.add('y'.repeat(4_000), OWN)
  subscriptions.opened(connection())
  t.equal(asked.length, 1, 'the next when this one is answered')
  t.equal(Object.keys(asked[0]?.[0] ?? {})[0], 'set/0')
  t.same(
    answer().map(({ length }) => length),
    [50, 50, 50, 30, 1, 1],
  )
  t.equal(ready(), 1, 'once, when the commands stand')
})

t.test(
  'what is read once is not asked for again in a session that is resumed, nor sent again in a new one',
  async (t) => {
    const { subscriptions, asked, connection, answer, ready } = rig()
    subscriptions.add('set', COMMAND)
    subscriptions.add('own', OWN)
    subscriptions.opened(connection())
    t.same(answer(), [['set', 'own']])
    subscriptions.closed()
    subscriptions.add('late', OWN)
    subscriptions.opened(connection(true))
    t.same(answer(), [['set', 'late']])
    subscriptions.closed()
    subscriptions.opened(connection())
    t.match(asked[0]?.[0], { set: { qos: 1, rh: undefined }, own: { rh: 2 }, late: { rh: 2 } })
    answer()
    t.equal(ready(), 3)
    subscriptions.remove('own')
    subscriptions.add('own', OWN)
    await Promise.resolve()
    t.match(asked[0]?.[0], { own: { rh: 0 } }, 'somebody new wants to read it')
  },
)

t.test('an answer of a connection that has ended counts for nothing', async (t) => {
  const { subscriptions, asked, connection, answer, ready, refused } = rig()
  subscriptions.add('a', COMMAND)
  subscriptions.opened(connection())
  const old = asked.shift()
  subscriptions.closed()
  old?.[1](['a'])
  t.equal(ready(), 0)
  t.same(refused, [])
  subscriptions.opened(connection())
  answer(['a'])
  t.same(refused, ['a'])
  t.equal(ready(), 1)
})

t.test('what is optional is refused in silence, and asked for only where nothing comes back, if need be', async (t) => {
  const { subscriptions, asked, refused, connection, answer } = rig()
  subscriptions.add('set', COMMAND)
  subscriptions.add('aside', { qos: 0, optional: true })
  subscriptions.add('unechoed', { qos: 0, nl: true, optional: true, unechoed: true })
  subscriptions.opened(connection())
  t.strictSame(asked[0]?.[0], { set: COMMAND, aside: { qos: 0 }, unechoed: { qos: 0, nl: true } })
  t.same(answer(['set', 'aside', 'unechoed']), [['set', 'aside', 'unechoed']])
  t.same(refused, ['set'])
  subscriptions.closed()
  subscriptions.opened(connection(false, 4))
  subscriptions.add('later', { qos: 0, unechoed: true })
  await Promise.resolve()
  t.same(answer(), [['set', 'aside']])
})

t.test('without any filters a connection is ready at once', async (t) => {
  const { subscriptions, asked, connection, ready } = rig()
  subscriptions.opened(connection())
  t.equal(ready(), 1)
  t.same(asked, [])
})
