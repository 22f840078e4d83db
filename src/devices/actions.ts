import { BridgeError } from '../core/errors.ts'
import type { ParameterList } from '../protocol/replies.ts'
import type { DeviceLink } from './link.ts'
import type { DeviceAction } from './ports.ts'
import type { DeviceTimes } from './times.ts'

/**
 * Does what `action` says; returns the parameters when it changed them.
 *
 * `sync_clock` stops the device's own cloud time sync, and setting its clock back can keep cloud commands from being taken
 * for as long (Welrok, "Time"), so it runs only when a person asks for it.
 */
export async function runAction(
  action: DeviceAction,
  link: DeviceLink,
  times: () => DeviceTimes | null,
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
    case 'sync_clock': {
      const known = times()
      if (!known) {
        throw new BridgeError(
          'DEVICE_UNREACHABLE',
          'The clock of the device has not been read yet. Try again in a moment.',
        )
      }
      await link.setTime(known.right)
      return undefined
    }
  }
}
