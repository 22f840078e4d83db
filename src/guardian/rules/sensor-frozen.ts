import { faded, minutes, QUIET, round } from '../learn.ts'
import type { Rule } from '../types.ts'

/** Seconds for which any sensor may show the same: while the load is off, and while it is on. */
const LONGEST = { off: 4 * 3_600, on: 45 * 60 }

/**
 * The sensor shows exactly the same for much longer than ever, or while the load should have changed it. Learned: for how long it
 * shows the same.
 */
export const sensorFrozen: Rule<{
  value: number
  /** Seconds for which it has shown that now: in all, and with the load on. */
  same: number
  heated: number
  /** The longest so far. */
  longest: number
  longestHeated: number
}> = {
  kind: 'sensor_frozen',
  says: 'The sensor has shown {temperature} °C for {minutes} min without any change. So far it changed at least every {usual} min.',
  blank: { value: Number.NaN, same: 0, heated: 0, longest: 0, longestHeated: 0 },
  delay: (learned) => Math.max(LONGEST.off, learned.longest),
  take(learned, { temperature, low, high, seconds }, { phase, seen }) {
    learned.longest = faded(learned.longest, seconds)
    learned.longestHeated = faded(learned.longestHeated, seconds)
    if (temperature === null) return undefined
    const still = low === high && temperature === learned.value
    if (!still) {
      // What was found to be wrong is not usual.
      learned.longest = Math.max(learned.longest, Math.min(learned.same, 2 * limits(learned).off))
      learned.longestHeated = Math.max(learned.longestHeated, Math.min(learned.heated, 2 * limits(learned).on))
      Object.assign(learned, { value: temperature, same: 0, heated: 0 })
      return null
    }
    learned.same += seconds
    learned.heated += phase === 'on' ? seconds : 0
    const { off, on } = limits(learned)
    if (seen < QUIET || (learned.same < 2 * off && learned.heated < 2 * on)) return undefined
    const heated = learned.same < 2 * off
    return {
      temperature: round(temperature, 1),
      minutes: minutes(learned.same),
      usual: minutes(heated ? Math.max(learned.longestHeated, 300) : Math.max(learned.longest, 300)),
    }
  },
}

const limits = ({ longest, longestHeated }: { longest: number; longestHeated: number }) => ({
  off: Math.max(LONGEST.off, longest),
  on: Math.max(LONGEST.on, longestHeated),
})
