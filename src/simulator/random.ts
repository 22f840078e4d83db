/**
 * Seeded randomness, so that a run can be repeated exactly. It is good enough for rooms and serial numbers, but not for
 * secrets. The keys of virtual devices are not secrets.
 */

/** A generator of numbers in [0, 1) by the mulberry32 method. The same seed gives the same sequence. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function fromAlphabet(random: () => number, alphabet: string, length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += alphabet.charAt(Math.floor(random() * alphabet.length))
  return text
}

/** A serial in the form that thermostats have: 30 upper-case hexadecimal digits. */
export function randomSerial(random: () => number): string {
  return fromAlphabet(random, '0123456789ABCDEF', 30)
}

/** A key in the form that the clouds give: 16 capital letters and digits, not base32. */
export function randomKey(random: () => number): string {
  return fromAlphabet(random, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', 16)
}

/** A cloud token: 40 lower-case hexadecimal digits. */
export function randomToken(random: () => number): string {
  return fromAlphabet(random, '0123456789abcdef', 40)
}
