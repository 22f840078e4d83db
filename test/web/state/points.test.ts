/** The values of a device in the order of its page, and the search among them. */
import t from 'tap'
import type { Datapoint } from '../../../src/web/api/types.ts'
import { CATEGORIES, OPEN, pointsBelow, searched } from '../../../src/web/state/points.ts'

const point = (key: string, more: Partial<Datapoint> = {}): Datapoint =>
  ({ key, name: key, text: `About ${key}.`, type: 'number', category: 'config', access: 'write', ...more }) as Datapoint

const POINTS = [
  point('brightness', { raw: '23', name: 'Display brightness' }),
  point('child_lock', { raw: '124' }),
  point('target_temperature'),
  point('humidity', { access: 'read', category: 'measured' }),
]
const keys = (points: readonly Datapoint[]) => points.map(({ key }) => key)
const words = ({ name, text }: Datapoint) => `${name} ${text}`

t.test('what the card shows is not said again, nor what has no value', async (t) => {
  t.strictSame(keys(pointsBelow(POINTS, {})), ['brightness', 'child_lock'])
  t.strictSame(keys(pointsBelow(POINTS, { humidity: 50 })), ['brightness', 'child_lock', 'humidity'])
  t.strictSame(keys(pointsBelow(POINTS, { humidity: null })), ['brightness', 'child_lock'])
})

t.test('found by words in any order, by key and by number of the protocol', async (t) => {
  for (const [search, found] of [
    ['', keys(POINTS)],
    ['  ', keys(POINTS)],
    ['BRIGHTNESS display', ['brightness']],
    ['child_lock', ['child_lock']],
    ['124', ['child_lock']],
    ['about', keys(POINTS)],
    ['.*', []],
    ['<script>', []],
    ['🔥'.repeat(200), []],
  ] as const)
    t.strictSame(keys(searched(POINTS, search, words)), found, search)
})

t.test('every category has its place', async (t) => {
  const all: Readonly<Record<Datapoint['category'], true>> = {
    control: true,
    measured: true,
    config: true,
    diagnostic: true,
    fault: true,
  }
  t.strictSame([...CATEGORIES].sort(), Object.keys(all).sort())
  t.strictSame(
    OPEN.filter((category) => !Object.hasOwn(all, category)),
    [],
  )
})
