/** Keys of the state that follow from parameters and telemetry; `devices` computes them. */
import type { DerivedRow } from './types.ts'

// biome-ignore format: a row a line, as in the table that it is
export const common: readonly DerivedRow[] = [
  { key: 'mode', name: 'Mode', text: 'off; heat or cool by hand, depending on what the load does; auto by the weekly schedule.', access: 'write', type: 'enum', values: ['off', 'heat', 'cool', 'auto'], entity: null },
  { key: 'preset', name: 'Preset', text: 'away lowers the setpoint until further notice; boost raises it for a while, where the device has a timer.', access: 'write', type: 'enum', values: ['none', 'away', 'boost'], entity: null },
  { key: 'action', name: 'Action', text: 'What the thermostat does at this moment.', access: 'read', type: 'enum', values: ['off', 'heating', 'cooling', 'idle', 'preheating'], entity: {} },
  { key: 'current_temperature', name: 'Temperature', text: 'Temperature at the sensor that controls.', access: 'read', type: 'number', unit: '°C', entity: null },
  { key: 'target_temperature', name: 'Target temperature', text: 'The setpoint in force. Set in auto it holds until the next period of the schedule; set in heat or cool it stays.', access: 'write', type: 'number', unit: '°C', limits: 'control', entity: { platform: 'climate' } },
  { key: 'power', name: 'Power', text: 'What the load draws at this moment: its rated power while it is on.', access: 'read', type: 'number', unit: 'W', entity: { deviceClass: 'power', stateClass: 'measurement' } },
  { key: 'energy', name: 'Energy', text: 'Energy used so far.', access: 'read', type: 'number', unit: 'kWh', entity: null },
  { key: 'problem', name: 'Problem', text: 'Whether any fault is present.', access: 'read', type: 'boolean', entity: { deviceClass: 'problem' } },
]

/** Of the models whose own timer serves for boost. */
// biome-ignore format: a row a line, as in the table that it is
export const timer: readonly DerivedRow[] = [
  { key: 'boost_minutes', name: 'Boost duration', text: 'How long boost lasts when it is switched on next.', access: 'write', type: 'number', unit: 'min', min: 5, max: 1440, step: 5, entity: { deviceClass: 'duration', category: 'config' } },
]
