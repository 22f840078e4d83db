/** Sorts texts as people count: "Bathroom 2" before "Bathroom 10". Case and accents decide only between equals. */

/** The tables of Unicode take 3 MB of memory once they are used, so texts in ASCII do without. */
export function naturally(a: string, b: string): number {
  return isAscii(a) && isAscii(b) ? plainly(a, b) : a.localeCompare(b, 'en-u-kn')
}

const isAscii = (text: string): boolean => /^[ -~]*$/.test(text)

const isDigit = (order: number): boolean => order >= 0x100 && order < 0x200

/** Signs before digits before letters, as in Unicode's order. */
function orderOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return 0x100 + code
  const small = code >= 0x41 && code <= 0x5a ? code + 0x20 : code
  return small >= 0x61 && small <= 0x7a ? 0x200 + small : code
}

function plainly(a: string, b: string): number {
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    const [left, right] = [orderOf(a.charCodeAt(i)), orderOf(b.charCodeAt(j))]
    if (isDigit(left) && isDigit(right)) {
      const [one, other] = [digitsAt(a, i), digitsAt(b, j)]
      if (Number(one) !== Number(other)) return Number(one) - Number(other)
      i += one.length
      j += other.length
    } else {
      if (left !== right) return left - right
      i++
      j++
    }
  }
  const rest = a.length - i - (b.length - j)
  return rest !== 0 ? rest : a === b ? 0 : a < b ? 1 : -1
}

function digitsAt(text: string, from: number): string {
  let to = from
  while (to < text.length && isDigit(orderOf(text.charCodeAt(to)))) to++
  return text.slice(from, to)
}
