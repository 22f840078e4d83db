/** All that others see of a device. */
import type { BridgeError } from '../../core/errors.ts'
import { type Called, calledByItself } from '../facts/called.ts'
import type { Moment } from '../facts/moment.ts'
import type { DeviceAddress } from '../link/link.ts'
import { setpointStep } from '../plan/limits.ts'
import type { DeviceHealth, DeviceState, DeviceView } from '../ports.ts'
import type { Facts } from './facts.ts'

export interface ViewParts {
  readonly facts: Facts
  readonly state: DeviceState
  readonly poller: { readonly online: boolean; readonly failures: number; readonly error: BridgeError | null }
  readonly address: DeviceAddress | null
  /** The source of the key held for the device; null while there is none. */
  readonly keySource: string | null
  /** The room that the device is in; null for none. */
  readonly room: string | null
  readonly called: ((serial: string, own: string | null) => Called) | undefined
}

export function viewOf(
  { facts, state, poller, address, keySource, called, room }: ViewParts,
  time: Moment,
): DeviceView {
  const { clock, profile, readings, weeks } = facts
  const { serial, hw, name: own, sources } = profile.self
  const { name, source } = called?.(serial, own) ?? calledByItself(own)
  const { model } = readings.rows
  return {
    serial,
    name: name ?? `${model.name} ${serial.slice(0, 12)}`,
    nameSource: source,
    room,
    model: model.id,
    hw,
    firmware: profile.firmware,
    address,
    online: poller.online,
    state,
    features: profile.features,
    setpointStep: setpointStep(readings),
    timezone: clock.zoneName(time.now),
    schedule: weeks.shown,
    health: healthOf(facts, poller, keySource, time),
    sources,
  }
}

function healthOf(
  { clock, lastPublished, lastSeen, profile, rival, unreadable }: Facts,
  { failures, error }: ViewParts['poller'],
  keySource: string | null,
  { now }: Moment,
): DeviceHealth {
  return {
    lastSeen,
    lastPublished,
    failures,
    error: (error ?? unreadable)?.body() ?? null,
    keySource,
    clockOffset: clock.times(now)?.error ?? null,
    counterBase: profile.self.counterBase,
    rival: rival?.host ?? null,
  }
}
