import fc from 'fast-check'
import t from 'tap'
import { FilterTree } from '../../../src/mqtt/broker/store/filter-tree.ts'
import { matches } from '../../../src/mqtt/topics.ts'

const words = (...more: string[]) =>
  fc.array(fc.constantFrom('a', 'b', '', '$x', ...more), { minLength: 1, maxLength: 4 })
const topics = words().map((levels) => levels.join('/'))
const filters = fc.tuple(words('+'), fc.boolean()).map(([levels, rest]) => (rest ? [...levels, '#'] : levels).join('/'))

t.test('finds those whose filters match, however many come and go', async () => {
  fc.assert(
    fc.property(
      fc.array(filters, { maxLength: 8 }),
      fc.array(filters, { maxLength: 8 }),
      topics,
      (kept, gone, topic) => {
        const tree = new FilterTree<string>()
        for (const filter of [...kept, ...gone]) tree.add(filter, filter)
        for (const filter of gone) tree.remove(filter, filter)
        const wanted = kept.filter((filter) => !gone.includes(filter) && matches(filter, topic))
        return JSON.stringify([...tree.match(topic)].sort()) === JSON.stringify([...new Set(wanted)].sort())
      },
    ),
  )
})

t.test('a value with several filters is found once', async (t) => {
  const tree = new FilterTree<number>()
  for (const filter of ['#', 'a/+', 'a/b']) tree.add(filter, 1)
  t.same([...tree.match('a/b')], [1])
  tree.remove('never/there', 1)
  tree.remove('a/b', 2)
  t.same([...tree.match('a/b')], [1])
})
