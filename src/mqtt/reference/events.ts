/** What the reference of the topics says of events. */
import type { BridgeEvent } from '../../devices/ports.ts'

/** The types that are told on topics; the others are only kept in the log. */
export type ToldType = Exclude<BridgeEvent['type'], 'command' | 'changed_at_device'>

/** When each event is sent. */
export const EVENT_TEXTS: Readonly<Record<ToldType, string>> = {
  device_found: 'A device was found on the network.',
  device_unconfirmed:
    'Somebody (`details.host`) broadcasts a serial number, and the bridge can’t confirm that it is the device. The message says why and what to do. `details.reason` is `empty`, `timeout`, `unreachable`, `busy`, `other_device`, `no_thermostat` or `nameless`. Sent once for each serial number and sender, for at most 64 at a time, because anybody can send such broadcasts.',
  device_forgotten: 'The bridge has forgotten a device and its keys, because somebody asked for it.',
  device_renamed: 'Somebody has given a device a name, or removed the name (`details.before`, `details.name`).',
  device_room: 'Somebody has put a device into a room, or taken it out (`details.before`, `details.room`).',
  room_renamed: 'Somebody has renamed a room, or removed it (`details.before`, `details.name`).',
  house_mode:
    'The house, or a room (`details.room`), has another mode, because somebody asked for it or its time is over (`details.mode`, `details.until`, and in `details.by` who asked).',
  device_online: 'A device answers again after `device_offline`. An earlier run of the bridge may have sent that.',
  device_offline: 'A device no longer answers. The message says why.',
  address_changed: 'A device has another address.',
  key_changed: 'The cloud gave another key for a device, because the device was bound to its account again.',
  account_state: 'The state of an account has changed (`details.state`).',
  lock_changed: 'The lock of a device was changed (`details.before`, `details.lock`).',
  fault_began:
    'A fault of a device has begun. `details.fault` is its key in the state, `details.kind` is `sensor`, `overheating` or `other`. A fault that was told before a restart of the bridge is not told again after it.',
  fault_ended: 'A fault of a device has ended (`details` as above).',
  finding_began:
    'Something unusual was found by watching a device. `details.finding` is its kind, `details.evidence` the numbers behind it; the message is the evidence in a sentence.',
  finding_ended: 'A finding is over (`details.finding`).',
  command_waits:
    'A command waits for `details.seconds`, because the bridge has not commanded the device at this address before. It is sent if nothing else speaks for the device until then.',
  command_failed:
    'A command to a device has failed, whoever sent it. `details.reason` says why, `details.code` is the error code, `details.about` names the keys or the action, `details.by` who asked (`via`, and `name` where it is known). At most ten at once for each device, then ten a minute.',
  store_state:
    'The bridge can’t store anything any more, or can again. `details.problem` is `full`, `read_only`, `damaged`, `busy`, `failed`, or null. If a copy has replaced a damaged database at the start, `details.since` is the time of the copy; everything after it is missing.',
}
