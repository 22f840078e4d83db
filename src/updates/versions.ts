/** Versions by the rules of semantic versioning 2.0.0 (semver.org). */

const PART = '(?:0|[1-9]\\d{0,8})'
const VERSION = new RegExp(`^(${PART})\\.(${PART})\\.(${PART})(?:-([0-9A-Za-z.-]{1,64}))?(?:\\+[0-9A-Za-z.-]{1,64})?$`)

interface Version {
  readonly numbers: readonly number[]
  /** Such as `beta`, `1`; empty for a release. */
  readonly before: readonly string[]
}

function parse(text: string): Version | undefined {
  const [, major, minor, patch, before] = VERSION.exec(text) ?? []
  if (major === undefined) return undefined
  const identifiers = before === undefined ? [] : before.split('.')
  if (identifiers.some((each) => each === '' || /^0\d+$/.test(each))) return undefined
  return { numbers: [major, minor, patch].map(Number), before: identifiers }
}

/** Whether a text is the version of a release, and not of what comes before one, such as `1.0.0-beta.1`. */
export const isRelease = (text: string): boolean => parse(text)?.before.length === 0

/** Whether `one` comes after `other`; false if either is no version. */
export function isNewer(one: string, other: string): boolean {
  const [a, b] = [parse(one), parse(other)]
  return a !== undefined && b !== undefined && compare(a, b) > 0
}

function compare(a: Version, b: Version): number {
  const difference = a.numbers.map((number, index) => number - (b.numbers[index] ?? 0)).find((each) => each !== 0)
  if (difference !== undefined) return difference
  // A release comes after all that led to it.
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length
  for (const [index, one] of a.before.entries()) {
    const other = b.before[index]
    if (other === undefined) return 1
    if (one !== other) return compareIdentifiers(one, other)
  }
  return a.before.length - b.before.length
}

/** Numbers by their value, and before words; words by their letters. */
function compareIdentifiers(one: string, other: string): number {
  const [first, second] = [/^\d+$/.test(one), /^\d+$/.test(other)]
  if (first && second) return one.length - other.length || (one < other ? -1 : 1)
  if (first !== second) return first ? -1 : 1
  return one < other ? -1 : 1
}
