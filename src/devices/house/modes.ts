/** What each mode of the house does with a device, by what the device can do: the first row that fits. */
import { EPOCH_2000 } from '../../protocol/epoch.ts'
import { sensorOf } from '../plan/limits.ts'
import { hasPreset, limitsOf } from '../plan/offers.ts'
import type { DeviceView } from '../ports.ts'
import type { Asked } from './entry.ts'
import type { Held } from './held.ts'
import type { HouseMode } from './types.ts'

/** °C of frost protection, or the nearest that the limits of the device allow: pipes in outer walls are safe above 5 °C. */
const FROST_SETPOINT = 7

interface Case {
  /** What the device held before the house had a mode. */
  readonly before: Held
  readonly view: DeviceView
  /** Seconds since 2000; null until it is taken back. */
  readonly until: number | null
  /** Seconds since 2000. */
  readonly now: number
}

interface Way {
  readonly fits: (asked: Case) => boolean
  readonly wanted: (asked: Case) => Held
}

const has = ({ before }: Case, key: keyof Held['settings']): boolean => before.settings[key] !== null

const off: Way = {
  fits: (asked) => has(asked, 'power_off'),
  wanted: ({ before }) => ({ ...before, settings: { ...before.settings, power_off: true } }),
}

/** What is off needs nothing to be lowered. */
const staysOff: Way = {
  fits: ({ before }) => before.settings.power_off === true,
  wanted: ({ before }) => before,
}

const ownAway: Way = {
  fits: ({ view }) => hasPreset('away', view),
  wanted: ({ before, until, now }) => ({ ...before, away: { start: now, end: until } }),
}

/** By hand at the lowest safe setpoint. A device that was off is switched on, since a house that freezes is what this is against. */
const lowest: Way = {
  fits: (asked) => has(asked, 'program') && has(asked, manualKey(asked.view)),
  wanted: ({ before, view }) => {
    const { min, max } = limitsOf('control', view)
    const setpoint = Math.min(max, Math.max(min, FROST_SETPOINT))
    const settings = { ...before.settings, power_off: false, program: 'manual', [manualKey(view)]: setpoint }
    return { settings, away: null, hold: null }
  },
}

/** A load that cools protects nothing from frost. */
const coolerOff: Way = { fits: (asked) => asked.view.state.cooling === true && off.fits(asked), wanted: off.wanted }

const WAYS: Readonly<Record<HouseMode, readonly Way[]>> = {
  normal: [{ fits: () => true, wanted: ({ before }) => before }],
  away: [staysOff, ownAway, coolerOff, lowest],
  frost_protection: [coolerOff, lowest],
  off: [off],
}

const manualKey = ({ state }: Pick<DeviceView, 'state'>) =>
  sensorOf('control', { value: (key) => state[key] }) === 'air' ? 'manual_air_setpoint' : 'manual_floor_setpoint'

/**
 * What a device is to hold under a mode of the house; undefined when the mode has nothing that it could set, such as on a
 * relay.
 * @param now Unix ms
 */
export function wantedUnder({ mode, until }: Asked, before: Held, view: DeviceView, now: number): Held | undefined {
  const asked = { before, view, until: until === null ? null : since2000(until), now: since2000(now) }
  return WAYS[mode].find((way) => way.fits(asked))?.wanted(asked)
}

export const since2000 = (ms: number): number => Math.floor(ms / 1000) - EPOCH_2000
