import fc from 'fast-check'
import t from 'tap'
import { isSerial } from '../../src/core/serial.ts'
import { isAnswerTopic, matches, Topics } from '../../src/mqtt/topics.ts'

const topics = new Topics('home/thermo')

t.test('commands are understood by their topic', async (t) => {
  t.same(topics.parse('home/thermo/ABC1/set'), { kind: 'set', id: 'ABC1' })
  t.same(topics.parse('home/thermo/ABC1/get'), { kind: 'get', id: 'ABC1' })
  t.same(topics.parse('home/thermo/ABC1/action'), { kind: 'action', id: 'ABC1' })
  t.same(topics.parse('home/thermo/ABC1/set/mode'), { kind: 'set_key', id: 'ABC1', key: 'mode' })
  t.same(topics.parse('home/thermo/bridge/request/sync'), { kind: 'request', action: 'sync' })
})

t.test('names fit what is parsed', async (t) => {
  t.same(topics.parse(topics.set('ABC1')), { kind: 'set', id: 'ABC1' })
  t.same(topics.parse(topics.set('ABC1', 'mode')), { kind: 'set_key', id: 'ABC1', key: 'mode' })
  t.same(topics.parse(topics.get('ABC1')), { kind: 'get', id: 'ABC1' })
  t.same(topics.parse(topics.action('ABC1')), { kind: 'action', id: 'ABC1' })
  t.same(topics.parse(topics.request('sync')), { kind: 'request', action: 'sync' })
  t.equal(topics.response('sync'), 'home/thermo/bridge/response/sync')
  t.equal(topics.state('ABC1'), 'home/thermo/ABC1/state')
  t.equal(topics.result('ABC1'), 'home/thermo/ABC1/result')
  t.equal(topics.availability('ABC1'), 'home/thermo/ABC1/availability')
})

t.test('topic tricks lead nowhere', async (t) => {
  const tricks = [
    'home/thermo',
    'home/thermo/',
    'home/thermo//set',
    'home/thermo/ab1/set',
    'home/thermo/ABC1',
    'home/thermo/ABC1/',
    'home/thermo/ABC1/state',
    'home/thermo/ABC1/set/mode/more',
    'home/thermo/ABC1/set/mode/more/and/more',
    'home/thermo/ABC1/get/mode',
    'home/thermo/AB+1/set',
    'home/thermo/#/set',
    'home/thermo/AB\u00001/set',
    'home/thermo/..%2f/set',
    'home/thermo/../ABC1/set',
    'home/thermoX/ABC1/set',
    'other/ABC1/set',
    'home/thermo/bridge/set',
    'home/thermo/bridge/set/mode',
    'home/thermo/bridge/action',
    'home/thermo/bridge/request',
    'home/thermo/bridge/request/',
    'home/thermo/bridge/request/../x',
    'home/thermo/bridge/request/Sync',
    `home/thermo/${'1'.repeat(65)}/set`,
  ]
  for (const trick of tricks) t.equal(topics.parse(trick), undefined, trick)
  for (const key of ['', 'Mode', '__proto__', 'a-b', 'a+', 'a'.repeat(65)]) {
    t.same(topics.parse(`home/thermo/ABC1/set/${key}`), { kind: 'set_key', id: 'ABC1', key: null }, key)
  }
})

t.test('whatever the topic, only safe words come out', async () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom('set', 'get', 'action', 'bridge', 'request', 'ABC1', 'mode', '+', '#'),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const incoming = topics.parse(['home/thermo', ...parts].join('/'))
      if (!incoming) return true
      if (incoming.kind === 'request') return /^[a-z][a-z0-9_]*$/.test(incoming.action)
      const key = incoming.kind === 'set_key' ? incoming.key : null
      return isSerial(incoming.id) && incoming.id !== 'bridge' && (key === null || /^[a-z][a-z0-9_]*$/.test(key))
    }),
  )
})

t.test('a bad base topic is refused with the name of the setting', async (t) => {
  for (const base of ['', '/', 'a/', '/a', 'a//b', 'a+', 'a/#', '$SYS', 'a b', 'a'.repeat(129), 'a\n']) {
    t.throws(() => new Topics(base), { code: 'BAD_REQUEST', message: /mqtt\.base_topic/ }, JSON.stringify(base))
  }
})

t.test('topics to answer on', async (t) => {
  for (const good of ['a', 'answers/1', '/a', 'Ünicode/x']) t.ok(isAnswerTopic(good), good)
  for (const bad of ['', '+', 'a/#', 'a/+/b', '$SYS/x', 'a\u0000', 'a'.repeat(513)]) t.notOk(isAnswerTopic(bad), bad)
})

t.test('own topics are known as such', async (t) => {
  t.ok(topics.owns('home/thermo'))
  t.ok(topics.owns('home/thermo/x'))
  t.notOk(topics.owns('home/thermostat'))
})

t.test('filters take in what the standard says', async (t) => {
  const yes = [
    ['a/b', 'a/b'],
    ['a/+', 'a/b'],
    ['+/b', 'a/b'],
    ['#', 'a/b'],
    ['a/#', 'a'],
    ['a/#', 'a/b/c'],
    ['a/+/c', 'a/b/c'],
    ['+', 'a'],
    ['a/+', 'a/'],
    ['$SYS/#', '$SYS/x'],
  ] as const
  const no = [
    ['a/b', 'a/c'],
    ['a/+', 'a'],
    ['a/+', 'a/b/c'],
    ['+', '$SYS'],
    ['#', '$SYS/x'],
    ['a/+/c', 'a/b/d'],
    ['ab/#', 'abc'],
    ['a/b/#', 'a/c'],
  ] as const
  for (const [filter, topic] of yes) t.ok(matches(filter, topic), `${filter} ${topic}`)
  for (const [filter, topic] of no) t.notOk(matches(filter, topic), `${filter} ${topic}`)
})
