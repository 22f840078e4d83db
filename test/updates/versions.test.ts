import t from 'tap'
import { isNewer, isRelease } from '../../src/updates/versions.ts'

/** The example of semver.org, each newer than the one before, and more. */
const IN_ORDER = [
  '0.9.0',
  '0.10.0',
  '1.0.0-0',
  '1.0.0-2',
  '1.0.0-11',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.2.0',
  '1.10.0',
  '2.0.0',
  '10.0.0',
]

const NONE = [
  '',
  '1',
  '1.2',
  'v1.2.3',
  '01.2.3',
  '1.2.3.4',
  '1.2.x',
  '1.2.3-',
  '1.2.3-a..b',
  '1.2.3-01',
  ' 1.2.3',
  '1.2.3\n',
  '1.2.3-ü',
  'unknown',
  `1.0.${'9'.repeat(40)}`,
]

t.test('versions are compared as semver.org says', async (t) => {
  const wrong = IN_ORDER.flatMap((one, index) =>
    IN_ORDER.flatMap((other, place) => (isNewer(one, other) === index > place ? [] : [`${one} and ${other}`])),
  )
  t.same(wrong, [])
  t.notOk(isNewer('1.0.0+2', '1.0.0+1'), 'builds are no order')
})

t.test('what is no version is neither newer nor older', async (t) => {
  t.same(
    NONE.filter((text) => isRelease(text) || isNewer(text, '0.0.1') || isNewer('99.0.0', text)),
    [],
  )
  t.ok(isRelease('1.2.3') && isRelease('1.2.3+4') && !isRelease('1.2.3-rc.1'))
})
