/** Actions of a device besides setting values: restart, blink, resets, its clock. */
import type { Model } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import type { ParameterList } from '../../protocol/replies.ts'
import { type DeviceClockAccess, syncClock } from '../clock/plans.ts'
import type { DeviceLink } from '../link/link.ts'
import { ACTIONS, type DeviceAction } from '../ports.ts'

/** Only thermostats can do these: the documents of the relays name no resets, and relays have no schedule. */
const THERMOSTATS_ONLY: ReadonlySet<DeviceAction> = new Set(['reset_parameters', 'reset_schedule'])

/** What each action does, and what to know before using it. */
export const ACTION_TEXTS: Readonly<Record<DeviceAction, string>> = {
  restart: 'Restarts the device. Needs no signature.',
  blink: 'Makes the device blink, so that you can find it. Needs no signature.',
  reset_parameters: 'Resets all parameters to factory settings.',
  reset_schedule: 'Resets the weekly schedule to factory settings.',
  sync_clock:
    'Sets the clock of the device to that of the bridge, and its time zone if it has one, and reads both back. `clock_offset` says how wrong the clock is. After this the device ignores the time of its cloud until it is reset to factory settings. If its clock goes back, it also ignores commands of the cloud until the clock has passed the time of the last one.',
  reset_energy: 'Starts counting energy and heating time from zero. Sends nothing to the device.',
  accept_lock:
    'Accepts the lock as it is now, which ends `lock_alarm`. Use it if you have changed the lock at the device. Sends nothing to the device.',
}

/** What a device of this model can be told to do. */
export function actionsOf({ kind }: Pick<Model, 'kind'>): readonly DeviceAction[] {
  return kind === 'thermostat' ? ACTIONS : ACTIONS.filter((action) => !THERMOSTATS_ONLY.has(action))
}

/** @throws BridgeError `BAD_REQUEST` when the model can't do the action */
export function requireAction(action: DeviceAction, model: Model): void {
  if (actionsOf(model).includes(action)) return
  throw new BridgeError('BAD_REQUEST', `${model.name} can't do ${action}: it can do ${actionsOf(model).join(', ')}.`)
}

/**
 * Carries out `action`; returns the parameters when the action changed them.
 *
 * `sync_clock` stops the device's own time sync with its cloud. If the clock goes back, the device also ignores cloud commands
 * until the clock has passed the time of the last one (Welrok, "Time"). So it runs only when a person asks for it.
 */
export async function runAction(
  action: Exclude<DeviceAction, 'reset_energy' | 'accept_lock'>,
  link: DeviceLink,
  clock: DeviceClockAccess,
): Promise<ParameterList | undefined> {
  switch (action) {
    case 'restart':
      await link.restart()
      return undefined
    case 'blink':
      await link.blink()
      return undefined
    case 'reset_parameters':
      return link.resetParameters()
    case 'reset_schedule':
      await link.resetSchedule()
      return undefined
    case 'sync_clock':
      await syncClock(link, clock)
      return undefined
  }
}
