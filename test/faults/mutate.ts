/** Input as it should be, made bad: cut, doubled, flipped, of other types and sizes. */

type Random = () => number

const pick = <T>(random: Random, list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0]

const STRANGE: readonly [unknown, ...unknown[]] = [
  null,
  true,
  '',
  'x'.repeat(5000),
  '\u0000',
  '🔥\ud800',
  '../../etc/passwd',
  '__proto__',
  -1,
  0,
  1e308,
  -1e308,
  2 ** 53,
  0.1,
  '1e400',
  'NaN',
  '-0',
  [],
  {},
  [[[[[[]]]]]],
  { __proto__: null, constructor: 1 },
]

/** The same JSON with one value in it replaced by a strange one. */
export function mutateJson(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return pick(random, STRANGE)
  const keys = Object.keys(value)
  const key = keys[Math.floor(random() * keys.length)]
  if (key === undefined) return pick(random, STRANGE)
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? mutateJson(random, item) : item))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name === key && random() < 0.2 ? `${name}x` : name,
      name === key ? mutateJson(random, item) : item,
    ]),
  )
}

/** The bytes of `value` as JSON, mutated as JSON, as bytes, or both. */
export function mutated(random: Random, value: unknown): Buffer {
  const json = JSON.stringify(random() < 0.7 ? mutateJson(random, value) : value) ?? ''
  const bytes = Buffer.from(json)
  const way = random()
  if (way < 0.5) return bytes
  if (way < 0.65) return bytes.subarray(0, Math.floor(random() * bytes.length))
  if (way < 0.75) return Buffer.concat([bytes, bytes])
  if (way < 0.8) return Buffer.from(`${'['.repeat(20_000)}${json}`)
  if (way < 0.85)
    return Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)))
  for (let flips = 1 + Math.floor(random() * 8); flips > 0 && bytes.length > 0; flips--) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  }
  return bytes
}
