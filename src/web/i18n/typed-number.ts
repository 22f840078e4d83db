/** Numbers as people type them. */

/**
 * Reads a number with a comma or a point, whatever the language: people type what their keyboard has. Spaces don't matter.
 * @param locale for what could be thousands: `1,500` in English and `1.500` in German are not read, since either guess may be wrong
 * @returns undefined if it is no number, or not certainly one
 */
export function readNumber(text: string, locale: string): number | undefined {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '').replace('−', '-')
  if (!/^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(plain)) return undefined
  const group = new Intl.NumberFormat(locale).formatToParts(1_234_567).find(({ type }) => type === 'group')?.value
  const parts = group === undefined ? [plain] : plain.split(group)
  if (parts.length > 1 && /^[+-]?[1-9]\d{0,2}$/.test(parts[0] ?? '') && /^\d{3}$/.test(parts[1] ?? '')) return undefined
  return Number(plain.replace(',', '.'))
}
