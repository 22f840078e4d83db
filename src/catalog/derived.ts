/** Keys of the state that are computed from parameters and telemetry, by `devices`. */
import type { DerivedRow } from './types.ts'

/** Of every device. */
// biome-ignore format: a row a line, as in the table that it is
const common: readonly DerivedRow[] = [
  { key: 'problem', name: 'Problem', text: 'Whether any fault is present.', access: 'read', type: 'boolean', entity: { deviceClass: 'problem', shown: true } },
  { key: 'unusual', name: 'Unusual', text: 'Whether the bridge has found something unusual by watching this device, such as a floor that does not warm; findings says what. null while it does not watch.', access: 'read', type: 'boolean', entity: { deviceClass: 'problem', category: 'diagnostic', shown: true } },
  { key: 'clock_offset', name: 'Clock offset', text: 'How far the clock of the device is ahead of the correct time, with its time zone taken into account. Changes of less than five seconds are not shown.', access: 'read', type: 'number', unit: 's', entity: { deviceClass: 'duration', category: 'diagnostic' } },
  { key: 'clock_wrong', name: 'Clock wrong', text: 'The clock of the device is wrong by more than five minutes, and so are its schedule and its away times.', access: 'read', type: 'boolean', fault: true, entity: { deviceClass: 'problem', category: 'diagnostic' } },
  { key: 'address_conflict', name: 'Answers twice', text: 'Something else on the network answers with the serial number of this device. The bridge keeps to the device; find out what the other is.', access: 'read', type: 'boolean', fault: true, entity: { deviceClass: 'problem', category: 'diagnostic' } },
  { key: 'settings_unreadable', name: 'Settings unreadable', text: 'The device reports its measurements but gives empty answers about its settings. The settings are shown as last read, and commands may fail. Switch its power off and on.', access: 'read', type: 'boolean', fault: true, entity: { deviceClass: 'problem', category: 'diagnostic' } },
  { key: 'lock_alarm', name: 'Lock changed', text: 'The lock of the device has changed, and the bridge did not change it. If you changed it at the device itself, accept it (action accept_lock). Otherwise somebody on the network changed it: set the lock again at the device.', access: 'read', type: 'boolean', fault: true, entity: { deviceClass: 'problem', category: 'diagnostic' } },
]

/** Every load whose use the bridge counts. */
// biome-ignore format: a row a line, as in the table that it is
const metered: readonly DerivedRow[] = [
  { key: 'power', name: 'Power', text: 'What the load draws now: while it is on, the power given in the settings, otherwise its rated power.', access: 'read', type: 'number', unit: 'W', entity: { deviceClass: 'power', stateClass: 'measurement', shown: true } },
  { key: 'energy', name: 'Energy', text: 'Energy that the load has used since counting began or since reset_energy; null while its power is not known.', access: 'read', type: 'number', unit: 'kWh', entity: { deviceClass: 'energy', stateClass: 'total_increasing', precision: 2, shown: true } },
  { key: 'energy_error', name: 'Energy uncertainty', text: 'By how much energy can be wrong, because the device is polled and not watched all the time. It leaves out what was used while the bridge was stopped or the device was unreachable for more than ten minutes.', access: 'read', type: 'number', unit: 'kWh', entity: { deviceClass: 'energy', stateClass: 'total_increasing', precision: 2, category: 'diagnostic', seldom: true } },
]

/** Every relay. */
// biome-ignore format: a row a line, as in the table that it is
export const relay: readonly DerivedRow[] = [
  ...metered,
  { key: 'on_time', name: 'On time', text: 'How long the load has been on since counting began or since reset_energy.', access: 'read', type: 'number', unit: 'h', entity: { deviceClass: 'duration', stateClass: 'total_increasing', precision: 1, category: 'diagnostic' } },
  ...common,
]

/** The voltage relay. */
// biome-ignore format: a row a line, as in the table that it is
export const voltageRelay: readonly DerivedRow[] = [
  ...relay,
  { key: 'relay_proven', name: 'Relay proven', text: 'Whether it is known which value of parameter 119 switches the device on. The vendor’s documents contradict each other. The device has shown it by a closed relay, or the settings say it (devices[].relay_on_value). Until then, relay follows the table in the document.', access: 'read', type: 'boolean', entity: { category: 'diagnostic', seldom: true } },
]

/** Every thermostat. */
// biome-ignore format: a row a line, as in the table that it is
export const thermostat: readonly DerivedRow[] = [
  { key: 'mode', name: 'Mode', text: 'off; heat or cool (manual, depending on what the load does); auto follows the weekly schedule.', access: 'write', type: 'enum', values: ['off', 'heat', 'cool', 'auto'], entity: { platform: 'climate' } },
  { key: 'preset', name: 'Preset', text: 'away lowers the setpoint until it is ended, or from away_start to away_end; boost raises it for boost_minutes.', access: 'write', type: 'enum', values: ['none', 'away', 'boost'], entity: { platform: 'climate' } },
  { key: 'action', name: 'Action', text: 'What the thermostat is doing now.', access: 'read', type: 'enum', values: ['off', 'heating', 'cooling', 'idle', 'preheating'], entity: { icon: 'mdi:radiator' } },
  { key: 'current_temperature', name: 'Temperature', text: 'Temperature at the sensor that controls the load.', access: 'read', type: 'number', unit: '°C', entity: { deviceClass: 'temperature', stateClass: 'measurement', precision: 1, seldom: true } },
  { key: 'target_temperature', name: 'Target temperature', text: 'The setpoint in force. If it is set in auto, it lasts until the next period of the schedule; if it is set in heat or cool, it stays.', access: 'write', type: 'number', unit: '°C', limits: 'control', entity: { platform: 'climate' } },
  ...metered,
  { key: 'heating_time', name: 'Heating time', text: 'How long the load has been on since counting began or since reset_energy.', access: 'read', type: 'number', unit: 'h', entity: { deviceClass: 'duration', stateClass: 'total_increasing', precision: 1, category: 'diagnostic' } },
  { key: 'schedule_next_change', name: 'Next schedule change', text: 'When the next period of the schedule begins, by the clock of the device; null unless the schedule is followed.', access: 'read', type: 'timestamp', entity: { deviceClass: 'timestamp', category: 'diagnostic' } },
  { key: 'schedule_next_setpoint', name: 'Next schedule setpoint', text: 'The setpoint of the next period of the schedule; null unless the schedule is followed, and null if the load is always on or off then.', access: 'read', type: 'number', unit: '°C', entity: { deviceClass: 'temperature', category: 'diagnostic', precision: 1 } },
  ...common,
]

/** Models whose temporary setpoint can also mean always on and always off. */
// biome-ignore format: a row a line, as in the table that it is
export const always: readonly DerivedRow[] = [
  { key: 'load_control', name: 'Load control', text: 'Whether the setpoint controls the load, or the load is always on or off. It can be set in auto and lasts until the next period of the schedule. by_setpoint returns to the schedule.', access: 'write', type: 'enum', values: ['by_setpoint', 'always_on', 'always_off'], entity: {} },
]

/** Models without a timer: the bridge times their boosts, under the same keys as on models that have one. */
// biome-ignore format: a row a line, as in the table that it is
export const ownTimer: readonly DerivedRow[] = [
  { key: 'boost_minutes', name: 'Boost duration', text: 'How long the next boost lasts.', access: 'write', type: 'number', unit: 'min', min: 5, max: 1440, step: 5, entity: { deviceClass: 'duration', category: 'config', shown: true } },
  { key: 'timer_setpoint', name: 'Boost setpoint', text: 'Setpoint during boost. null until somebody sets one; boost then uses three degrees above the setpoint in force, or below it for a load that cools.', access: 'write', type: 'number', unit: '°C', limits: 'control', entity: { deviceClass: 'temperature', category: 'config', shown: true } },
  { key: 'timer_remaining', name: 'Boost remaining', text: 'How much longer boost lasts, in whole minutes; timed by the bridge.', access: 'read', type: 'number', unit: 's', entity: { deviceClass: 'duration' } },
  { key: 'timer_end', name: 'Boost end', text: 'When boost ends and the previous settings return.', access: 'read', type: 'timestamp', entity: { deviceClass: 'timestamp' } },
]

/** Models whose own timer is used for boost. */
// biome-ignore format: a row a line, as in the table that it is
export const timer: readonly DerivedRow[] = [
  { key: 'boost_minutes', name: 'Boost duration', text: 'How long the next boost lasts.', access: 'write', type: 'number', unit: 'min', min: 5, max: 1440, step: 5, entity: { deviceClass: 'duration', category: 'config', shown: true } },
]
