import type { VNode } from 'preact'
import { useMemo } from 'preact/hooks'

/**
 * What is drawn for each of many things, made once for each: of a hundred rows, only those are drawn anew whose thing is
 * another one than before.
 * @param deps what else the drawing depends on
 */
export function useMade<Thing extends object>(
  make: (thing: Thing) => VNode,
  deps: readonly unknown[],
): (thing: Thing) => VNode {
  return useMemo(() => {
    const made = new WeakMap<Thing, VNode>()
    return (thing) => {
      const known = made.get(thing) ?? make(thing)
      made.set(thing, known)
      return known
    }
  }, deps)
}
