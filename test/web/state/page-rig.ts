/** What the parts of the page take from a browser. */
import type { Keep } from '../../../src/web/api/kept.ts'
import type { Device } from '../../../src/web/api/types.ts'

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

const health = {
  last_seen: null,
  last_published: null,
  failures: 0,
  error: null,
  key_source: null,
  clock_offset: null,
  counter_base: null,
  second_address: null,
}
/** A thermostat as REST shows it. */
export const device = (serial: string, state: Device['state'] = {}): Device => ({
  serial,
  name: serial,
  name_source: 'account',
  room: null,
  suggested_room: null,
  model: 'ax',
  hw: 'ax',
  firmware: null,
  address: null,
  online: true,
  setpoint_step: 1,
  timezone: null,
  state,
  schedule: { floor: null, air: null },
  health,
  sources: [],
})
