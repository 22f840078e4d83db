/** How many letters to insert, remove or replace to turn `a` into `b`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The known name closest to `name`, if one is close enough. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > 100) return undefined
  const plain = (text: string) => text.toLowerCase().replace(/-/g, '_')
  const wanted = plain(name)
  let best: { name: string; steps: number } | undefined
  for (const candidate of known) {
    // A name without its section means the setting of that name.
    const last = plain(candidate.slice(candidate.lastIndexOf('.') + 1))
    const steps = last === wanted ? 1 : distance(wanted, plain(candidate))
    if (steps <= Math.max(2, wanted.length / 4) && (!best || steps < best.steps)) best = { name: candidate, steps }
  }
  return best?.name
}

/** `; did you mean mqtt.url?`, or an empty text. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const found = nearest(name, known)
  return found === undefined ? '' : `; did you mean ${found}?`
}
