import { useEffect, useRef, useState } from 'preact/hooks'

/**
 * As many of the things as a slow phone draws without a pause, and some more after each time that the page was drawn, until all
 * are there. Those that are there already stay.
 * @param atOnce how many that are new are drawn at a time
 */
export function useGradually<Thing extends { readonly serial: string }>(
  things: readonly Thing[],
  atOnce: number,
): readonly Thing[] {
  const there = useRef<ReadonlySet<string>>(new Set())
  const [, again] = useState(0)
  let fresh = 0
  const now = things.filter(({ serial }) => there.current.has(serial) || fresh++ < atOnce)
  const waiting = now.length < things.length
  useEffect(() => {
    there.current = new Set(now.map(({ serial }) => serial))
    if (waiting) again((times) => times + 1)
  })
  return now
}
