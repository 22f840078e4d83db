import fc from 'fast-check'
import t from 'tap'
import { naturally } from '../../../src/devices/house/naturally.ts'

t.test('sorts as people count, whatever the letters', (t) => {
  const sorted = (...texts: string[]) => texts.toSorted(naturally)
  t.strictSame(sorted('Bathroom 10', 'bathroom 2', 'Attic', 'Bathroom'), [
    'Attic',
    'Bathroom',
    'bathroom 2',
    'Bathroom 10',
  ])
  t.strictSame(sorted('Floor 2 Hall 1', 'Floor 1 Hall 10', 'Floor 01 Hall 2', 'Floor 1 Hall 9'), [
    'Floor 01 Hall 2',
    'Floor 1 Hall 9',
    'Floor 1 Hall 10',
    'Floor 2 Hall 1',
  ])
  t.strictSame(sorted('Ятка', 'Їдальня 10', 'Їдальня 2', 'Ванна', 'Hall'), [
    'Hall',
    'Ванна',
    'Їдальня 2',
    'Їдальня 10',
    'Ятка',
  ])
  t.end()
})

t.test('texts in ASCII are in the order of Unicode', (t) => {
  const collator = new Intl.Collator('und', { numeric: true })
  const part = fc.oneof(
    fc.constantFrom('a', 'B', 'b', 'Z', ' '),
    fc.integer({ min: 1, max: 1_000 }).map(String),
    fc.constantFrom('1', '10'),
  )
  const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, text, (a, b) => Math.sign(naturally(a, b)) === Math.sign(collator.compare(a, b))),
    { seed: 1, numRuns: 2_000 },
  )
  t.end()
})
