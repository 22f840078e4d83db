/** Lines of the log as the page shows, searches and saves them. */
import t from 'tap'
import type { LogJson } from '../../../src/web/api/types.ts'
import {
  fieldsOf,
  isUnrecorded,
  NOTHING,
  pieces,
  textOf,
  visible,
  withAnswer,
} from '../../../src/web/view/log/lines.ts'

const recording: LogJson['recording'] = { level: 'info', usual: 'info', until: null }
const line = (seq: number) => ({
  seq,
  at: '2026-01-15T12:00:00.000Z',
  level: 'info',
  message: `line ${seq}`,
  fields: {},
})
const answer = (changes: Partial<LogJson>): LogJson => ({
  log: 'one',
  last: 0,
  left_out: 0,
  lines: [],
  recording,
  ...changes,
})

t.test('lines come one after another, and no more of them than the bridge keeps', async (t) => {
  const first = withAnswer(NOTHING, answer({ last: 2, lines: [line(1), line(2)] }))
  t.equal(withAnswer(first, answer({ last: 2 })), first, 'nothing new changes nothing')
  const then = withAnswer(first, answer({ last: 900, left_out: 797, lines: [line(800), line(801)] }))
  t.strictSame(
    then.lines.map(({ seq, gap }) => [seq, gap]),
    [
      [1, 0],
      [2, 0],
      [800, 797],
      [801, 0],
    ],
  )
  const lines = Array.from({ length: 1000 }, (_, n) => line(901 + n))
  const full = withAnswer(then, answer({ last: 1900, lines }))
  t.strictSame([full.lines.length, full.lines[0]?.seq], [1000, 901])
})

t.test('a bridge that was started anew is read from the beginning', async (t) => {
  const before = withAnswer(NOTHING, answer({ last: 500, lines: [line(500)] }))
  const other = withAnswer(before, answer({ log: 'two', last: 700 }))
  t.match(other, { log: 'two', last: 0, lines: [] })
  t.match(withAnswer(other, answer({ log: 'two', last: 701, lines: [line(701)] })), {
    last: 701,
    lines: [{ seq: 701 }],
  })
})

t.test('what is found is marked, whatever is searched for', async (t) => {
  const hits = (text: string, search: string) =>
    pieces(text, search).flatMap(({ text: piece, hit }) => (hit ? [piece] : []))
  t.strictSame(hits('Bathroom and BATHROOM', 'bathroom'), ['Bathroom', 'BATHROOM'])
  t.strictSame(hits('a.b (c) [d] \\ ^$', '.b (c) [d] \\ ^$'), ['.b (c) [d] \\ ^$'])
  t.strictSame(hits('Ванная', 'ваННая'), ['Ванная'])
  t.strictSame(hits('nothing', ''), [])
  for (const text of ['', 'ababab', '💡💡', 'x'])
    t.equal(
      pieces(text, 'ab')
        .map(({ text: piece }) => piece)
        .join(''),
      text,
    )
})

t.test('what can’t be seen or acts elsewhere becomes signs that can be seen', async (t) => {
  t.equal(visible('\u001b[2J\u0007\u202eevil\u2066\u200b\u0085'), '␛[2J␇\\u202eevil\\u2066\\u200b\\u0085')
  t.equal(visible('two\nlines\tand 💡 é ї'), 'two\nlines\tand 💡 é ї')
  t.equal(
    textOf({
      ...line(1),
      level: 'warn',
      message: 'a\u001b[31m',
      fields: { err: { stack: 'E\n  at x' }, list: [1, 2], none: null },
    }),
    '2026-01-15T12:00:00.000Z WARN  a␛[31m err.stack=E\n      at x list=1, 2 none=null',
  )
  t.strictSame(fieldsOf({ a: { b: [{ c: 1 }], 'd\u0000': '' } }), [
    ['a.b.0.c', '1'],
    ['a.d␀', ''],
  ])
})

t.test('whether all lines of a level are recorded', async (t) => {
  t.strictSame(
    [
      isUnrecorded('debug', 'info'),
      isUnrecorded('info', 'info'),
      isUnrecorded('warn', 'debug'),
      isUnrecorded('error', 'silent'),
    ],
    [true, false, false, true],
  )
})
