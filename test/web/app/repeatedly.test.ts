/** What is asked again and again: which answers count. */
import t from 'tap'
import { repeatedly } from '../../../src/web/view/hooks/repeatedly.ts'
import { eventually } from '../../support/eventually.ts'

/** Questions that are answered when the test wants. */
function questions() {
  const asked: PromiseWithResolvers<string>[] = []
  const ask = () => {
    const question = Promise.withResolvers<string>()
    asked.push(question)
    return question.promise
  }
  const have = (count: number) => eventually(`${count} questions`, () => asked.length >= count)
  return { asked, ask, have }
}

/** Once everything that was settled has been heard of. */
const heard = () => new Promise(setImmediate)

t.test('an answer that comes after one to a later question does not count, nor does a failure', async (t) => {
  const { asked, ask, have } = questions()
  const said: string[] = []
  t.teardown(
    repeatedly(
      1,
      ask,
      (answer) => said.push(answer),
      (error) => said.push(`failed: ${error}`),
    ),
  )
  await have(3)
  asked[1]?.resolve('second')
  await heard()
  asked[0]?.resolve('first')
  await heard()
  asked[2]?.reject('third')
  await heard()
  t.strictSame(said, ['second', 'failed: third'])
})

t.test('nothing counts after the end, and nothing more is asked', async (t) => {
  const { asked, ask, have } = questions()
  const said: string[] = []
  const end = repeatedly(1, ask, (answer) => said.push(answer))
  await have(2)
  asked[0]?.reject('it can not be reached')
  asked[1]?.resolve('before')
  await heard()
  end()
  const count = asked.length
  for (const question of asked) question.resolve('after')
  await heard()
  t.strictSame([said, asked.length], [['before'], count])
})
