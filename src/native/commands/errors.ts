/** What can go wrong with a device that is told something over MQTT, in words that say what it means and what to do. */
import { type Model, unlockBoth, unlockLan } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'

export function outcomeUnknown(cause: BridgeError | undefined): BridgeError {
  return new BridgeError(
    'OUTCOME_UNKNOWN',
    `The command was published, but nobody knows whether the device did it: it has neither published nor answered since. ${cause?.message ?? 'The bridge is stopping.'}`,
    { ...(cause ? { cause } : {}), details: { cause: cause?.code ?? 'DEVICE_UNREACHABLE' } },
  )
}

export function lockedBoth(model: Model): BridgeError {
  return new BridgeError(
    'LOCKED_BOTH',
    `The device is locked for LAN and cloud at once: no network commands it, MQTT neither. Unlock it ${unlockBoth(model)}.`,
  )
}

export function dayNotApplied(cause: BridgeError): BridgeError {
  return new BridgeError(
    'NOT_APPLIED',
    'The device was sent the day over MQTT and shows another schedule than that, and it does not answer over the LAN, where it could be asked again. Check that its firmware takes set/schedule.',
    { cause },
  )
}

export function locked(model: Model | null): BridgeError {
  return new BridgeError(
    'LAN_LOCKED',
    `The device takes this only signed, and over MQTT nothing can be signed. Have it found in the network, or set its host under devices; or unlock it ${unlockLan(model)}.`,
  )
}
