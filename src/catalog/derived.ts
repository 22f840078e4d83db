/** Keys of the state that follow from parameters and telemetry; `devices` computes them. */
import type { DerivedRow } from './types.ts'

/** Of every device. */
// biome-ignore format: a row a line, as in the table that it is
const common: readonly DerivedRow[] = [
  { key: 'problem', name: 'Problem', text: 'Whether any fault is present.', access: 'read', type: 'boolean', entity: { deviceClass: 'problem', shown: true } },
  { key: 'clock_offset', name: 'Clock offset', text: 'How far the clock of the device is ahead of the right time, its time zone allowed for; changes of less than five seconds are not shown.', access: 'read', type: 'number', unit: 's', entity: { deviceClass: 'duration', category: 'diagnostic' } },
  { key: 'clock_wrong', name: 'Clock wrong', text: 'The clock of the device is wrong by more than five minutes, so that its schedule and its away times are too.', access: 'read', type: 'boolean', fault: true, entity: { deviceClass: 'problem', category: 'diagnostic' } },
  { key: 'address_conflict', name: 'Answers twice', text: 'Something else in the network answers under the serial number of this device. The bridge stays with the device; find out what it is.', access: 'read', type: 'boolean', fault: true, entity: { deviceClass: 'problem', category: 'diagnostic' } },
  { key: 'settings_unreadable', name: 'Settings unreadable', text: 'The device tells what it measures, but answers with nothing when asked for its settings: they are shown as last read, and commands may fail. Switch its power off and on.', access: 'read', type: 'boolean', fault: true, entity: { deviceClass: 'problem', category: 'diagnostic' } },
  { key: 'lock_alarm', name: 'Lock changed', text: 'The lock of the device is not as it was, and the bridge did not change it. Whoever did it at the device itself accepts it (action accept_lock); else somebody in the network did, and the lock has to be set anew at the device.', access: 'read', type: 'boolean', fault: true, entity: { deviceClass: 'problem', category: 'diagnostic' } },
]

/** Of every load that the bridge counts. */
// biome-ignore format: a row a line, as in the table that it is
const metered: readonly DerivedRow[] = [
  { key: 'power', name: 'Power', text: 'What the load draws at this moment: while it is on, the power that the settings say, else its rated power.', access: 'read', type: 'number', unit: 'W', entity: { deviceClass: 'power', stateClass: 'measurement', shown: true } },
  { key: 'energy', name: 'Energy', text: 'Energy that the load has used since it was counted first, or since reset_energy; null without a figure of its power.', access: 'read', type: 'number', unit: 'kWh', entity: { deviceClass: 'energy', stateClass: 'total_increasing', precision: 2, shown: true } },
  { key: 'energy_error', name: 'Energy uncertainty', text: 'By how much energy can be wrong, since the device is not asked all the time; it leaves out what was used while the bridge was stopped or the device could not be reached for more than ten minutes.', access: 'read', type: 'number', unit: 'kWh', entity: { deviceClass: 'energy', stateClass: 'total_increasing', precision: 2, category: 'diagnostic', seldom: true } },
]

/** Of every relay. */
// biome-ignore format: a row a line, as in the table that it is
export const relay: readonly DerivedRow[] = [
  ...metered,
  { key: 'on_time', name: 'On time', text: 'How long the load has been on since it was counted first, or since reset_energy.', access: 'read', type: 'number', unit: 'h', entity: { deviceClass: 'duration', stateClass: 'total_increasing', precision: 1, category: 'diagnostic' } },
  ...common,
]

/** Of the voltage relay. */
// biome-ignore format: a row a line, as in the table that it is
export const voltageRelay: readonly DerivedRow[] = [
  ...relay,
  { key: 'relay_proven', name: 'Relay proven', text: 'Whether it is known which value of its parameter 119 switches the device on, of which the vendor’s documents contradict each other: it has shown it by a closed relay, or the settings say it (devices[].relay_on_value). Until then relay is as the table of the document has it.', access: 'read', type: 'boolean', entity: { category: 'diagnostic', seldom: true } },
]

/** Of every thermostat. */
// biome-ignore format: a row a line, as in the table that it is
export const thermostat: readonly DerivedRow[] = [
  { key: 'mode', name: 'Mode', text: 'off; heat or cool by hand, depending on what the load does; auto by the weekly schedule.', access: 'write', type: 'enum', values: ['off', 'heat', 'cool', 'auto'], entity: { platform: 'climate' } },
  { key: 'preset', name: 'Preset', text: 'away lowers the setpoint, until it is taken back or for the time that away_start and away_end say; boost raises it for boost_minutes.', access: 'write', type: 'enum', values: ['none', 'away', 'boost'], entity: { platform: 'climate' } },
  { key: 'action', name: 'Action', text: 'What the thermostat does at this moment.', access: 'read', type: 'enum', values: ['off', 'heating', 'cooling', 'idle', 'preheating'], entity: { icon: 'mdi:radiator' } },
  { key: 'current_temperature', name: 'Temperature', text: 'Temperature at the sensor that controls.', access: 'read', type: 'number', unit: '°C', entity: { deviceClass: 'temperature', stateClass: 'measurement', precision: 1, seldom: true } },
  { key: 'target_temperature', name: 'Target temperature', text: 'The setpoint in force. Set in auto it holds until the next period of the schedule; set in heat or cool it stays.', access: 'write', type: 'number', unit: '°C', limits: 'control', entity: { platform: 'climate' } },
  ...metered,
  { key: 'heating_time', name: 'Heating time', text: 'How long the load has been on since it was counted first, or since reset_energy.', access: 'read', type: 'number', unit: 'h', entity: { deviceClass: 'duration', stateClass: 'total_increasing', precision: 1, category: 'diagnostic' } },
  { key: 'schedule_next_change', name: 'Next schedule change', text: 'When the next period of the schedule begins, by the clock of the device; null unless the schedule is followed.', access: 'read', type: 'timestamp', entity: { deviceClass: 'timestamp', category: 'diagnostic' } },
  { key: 'schedule_next_setpoint', name: 'Next schedule setpoint', text: 'The setpoint of the next period of the schedule; null unless the schedule is followed, and for a load that is then always on or off.', access: 'read', type: 'number', unit: '°C', entity: { deviceClass: 'temperature', category: 'diagnostic', precision: 1 } },
  ...common,
]

/** Of the models whose temporary setpoint can hold always on and always off. */
// biome-ignore format: a row a line, as in the table that it is
export const always: readonly DerivedRow[] = [
  { key: 'load_control', name: 'Load control', text: 'Whether a setpoint decides about the load, or it is always on or off; can be set in auto and holds until the next period of the schedule. by_setpoint goes back to the schedule.', access: 'write', type: 'enum', values: ['by_setpoint', 'always_on', 'always_off'], entity: {} },
]

/** Of the models without a timer, for which the bridge times boosts, by the keys of those that have one. */
// biome-ignore format: a row a line, as in the table that it is
export const ownTimer: readonly DerivedRow[] = [
  { key: 'boost_minutes', name: 'Boost duration', text: 'How long boost lasts when it is switched on next.', access: 'write', type: 'number', unit: 'min', min: 5, max: 1440, step: 5, entity: { deviceClass: 'duration', category: 'config', shown: true } },
  { key: 'timer_setpoint', name: 'Boost setpoint', text: 'Setpoint while boost lasts. null, as it is until somebody sets one: three degrees above the setpoint in force, or below it for a load that cools.', access: 'write', type: 'number', unit: '°C', limits: 'control', entity: { deviceClass: 'temperature', category: 'config', shown: true } },
  { key: 'timer_remaining', name: 'Boost remaining', text: 'How long boost still lasts, in whole minutes; the bridge keeps the time.', access: 'read', type: 'number', unit: 's', entity: { deviceClass: 'duration' } },
  { key: 'timer_end', name: 'Boost end', text: 'When boost ends and what was before is put back.', access: 'read', type: 'timestamp', entity: { deviceClass: 'timestamp' } },
]

/** Of the models whose own timer serves for boost. */
// biome-ignore format: a row a line, as in the table that it is
export const timer: readonly DerivedRow[] = [
  { key: 'boost_minutes', name: 'Boost duration', text: 'How long boost lasts when it is switched on next.', access: 'write', type: 'number', unit: 'min', min: 5, max: 1440, step: 5, entity: { deviceClass: 'duration', category: 'config', shown: true } },
]
