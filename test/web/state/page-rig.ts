/** What the parts of the page take from a browser. */
import type { Keep } from '../../../src/web/api/client.ts'

export class Memory implements Keep {
  readonly items = new Map<string, string>()
  getItem = (key: string) => this.items.get(key) ?? null
  setItem = (key: string, value: string) => void this.items.set(key, value)
  removeItem = (key: string) => void this.items.delete(key)
}

export const tick = () => new Promise((resolve) => setImmediate(resolve))

/** Timers that run when they are told to. */
export function timers() {
  const waiting = new Map<number, { ms: number; run: () => void }>()
  let id = 0
  return {
    waiting,
    timer: (ms: number, run: () => void) => {
      const own = ++id
      waiting.set(own, { ms, run })
      return () => void waiting.delete(own)
    },
    fire: (ms: number) => {
      for (const [own, one] of [...waiting]) {
        if (one.ms !== ms) continue
        waiting.delete(own)
        one.run()
      }
    },
  }
}
