/** Requests to the bridge, as the page shows them while they run and after. */
import t from 'tap'
import { type TaskState, tasks } from '../../../src/web/view/hooks/tasks.ts'
import { tick } from '../state/page-rig.ts'

t.test('of two at once, the one that was begun last is shown', async (t) => {
  const shown: TaskState[] = []
  const task = tasks((state) => shown.push(state))
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  task.run(() => first.promise)
  task.run(() => second.promise)
  t.strictSame(shown.at(-1), { busy: true, done: false, failure: null })
  second.reject(new Error('Refused.'))
  await tick()
  const failed = { busy: false, done: false, failure: { code: 'INTERNAL', message: 'Refused.' } }
  t.strictSame(shown.at(-1), failed)
  first.resolve()
  await tick()
  t.strictSame(shown.at(-1), failed, 'what was begun before says nothing any more')
  task.reset()
  t.strictSame(shown.at(-1), { busy: false, done: false, failure: null })
})

t.test('one that ends while a later one runs does not end that', async (t) => {
  const shown: TaskState[] = []
  const task = tasks((state) => shown.push(state))
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  task.run(() => first.promise)
  task.run(() => second.promise)
  first.resolve()
  await tick()
  t.equal(shown.at(-1)?.busy, true)
  second.resolve()
  await tick()
  t.strictSame(shown.at(-1), { busy: false, done: true, failure: null })
})
