/** Errors of commands over MQTT, with what they mean and what to do. */
import { type Model, unlockBoth, unlockLan } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'

export function outcomeUnknown(cause: BridgeError | undefined): BridgeError {
  return new BridgeError(
    'OUTCOME_UNKNOWN',
    `The command was published, but it is not known whether the device did it: it has not published or answered anything since. ${cause?.message ?? 'The bridge is stopping.'}`,
    { ...(cause ? { cause } : {}), details: { cause: cause?.code ?? 'DEVICE_UNREACHABLE' } },
  )
}

export function lockedBoth(model: Model): BridgeError {
  return new BridgeError(
    'LOCKED_BOTH',
    `The device is locked for both LAN and cloud: it accepts no commands from any network, not even over MQTT. Unlock it ${unlockBoth(model)}.`,
  )
}

export function dayNotApplied(cause: BridgeError): BridgeError {
  return new BridgeError(
    'NOT_APPLIED',
    'The day was sent to the device over MQTT, but it shows a different schedule, and it does not answer over the LAN, where the bridge could try again. Check that its firmware supports set/schedule.',
    { cause },
  )
}

export function locked(model: Model | null): BridgeError {
  return new BridgeError(
    'LAN_LOCKED',
    `The device accepts this only if signed, and commands over MQTT can’t be signed. Make sure that it can be found on the network, or set its host under devices. Or unlock it ${unlockLan(model)}.`,
  )
}
