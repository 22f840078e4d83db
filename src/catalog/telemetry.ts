/** The telemetry (`{"cmd":4}`): the vendors' documents, "Telemetry" (Terneo; Welrok AZ, OZ, Old). */
import { EVERY, WELROK, WITH_AIR } from './documents.ts'
import type { DocumentId, MirrorRow, TelemetryRow } from './types.ts'

const SIXTEENTHS = { as: 'number', divide: 16 } as const
const measured = { deviceClass: 'temperature', stateClass: 'measurement', precision: 1 } as const
const diagnostic = { category: 'diagnostic' } as const
const problem = { deviceClass: 'problem', category: 'diagnostic' } as const

const OPERATING_MODES = { 0: 'schedule', 1: 'standby', 3: 'manual', 4: 'away', 5: 'temporary', 6: 'timer' }

const flag = { as: 'boolean' } as const

/** Shared by every thermostat. */
// biome-ignore format: a row a line, as in the table that it is
export const common: readonly (TelemetryRow | MirrorRow)[] = [
  { field: 't.0', documents: EVERY, key: 'device_temperature', name: 'Device temperature', text: 'Temperature at the overheat sensor inside the device.', access: 'read', scale: SIXTEENTHS, unit: '°C', entity: { ...measured, ...diagnostic } },
  { field: 't.1', documents: EVERY, key: 'floor_temperature', name: 'Floor temperature', text: 'Temperature at the floor sensor.', access: 'read', scale: SIXTEENTHS, unit: '°C', entity: { ...measured, shown: true } },
  { field: 't.2', documents: WITH_AIR, key: 'air_temperature', name: 'Air temperature', text: 'Temperature at the air sensor.', access: 'read', scale: SIXTEENTHS, unit: '°C', entity: { ...measured, shown: true } },
  { field: 't.5', documents: EVERY, key: 'setpoint_in_force', name: 'Setpoint in force', text: 'The setpoint that the device is using now.', access: 'read', scale: SIXTEENTHS, unit: '°C', entity: { deviceClass: 'temperature', precision: 1, seldom: true } },
  { field: 't.7', documents: EVERY, key: 'mcu_temperature', name: 'Microcontroller temperature', text: 'Temperature of the microcontroller.', access: 'read', scale: SIXTEENTHS, unit: '°C', entity: { ...measured, ...diagnostic, seldom: true } },
  { field: 'm.0', documents: EVERY, mirrors: 'control_type', scale: { as: 'enum', labels: { 0: 'floor', 1: 'air', 2: 'air_floor_limits' } } },
  { field: 'm.1', documents: EVERY, key: 'operating_mode', name: 'Operating mode', text: 'What decides the setpoint now.', access: 'read', scale: { as: 'enum', labels: OPERATING_MODES }, entity: { icon: 'mdi:calendar-clock' } },
  { field: 'm.2', documents: EVERY, key: 'schedule_period', name: 'Schedule period', text: 'Number of the schedule period in force, counted from Monday’s first.', access: 'read', scale: { as: 'number' }, entity: { ...diagnostic, seldom: true } },
  { field: 'm.3', documents: EVERY, key: 'lock', name: 'Lock', text: 'Which commands the device refuses: none, those from the cloud, unsigned ones from the LAN, or all.', access: 'read', scale: { as: 'enum', labels: { 0: 'none', 1: 'cloud', 2: 'lan', 3: 'both' } }, entity: { ...diagnostic, icon: 'mdi:lock' } },
  { field: 'm.5', documents: EVERY, mirrors: 'cooling', scale: flag },
  { field: 'o.0', documents: EVERY, key: 'wifi_rssi', name: 'Wi-Fi signal', text: 'Strength of the Wi-Fi signal at the device.', access: 'read', scale: { as: 'number' }, unit: 'dBm', entity: { deviceClass: 'signal_strength', stateClass: 'measurement', ...diagnostic } },
  { field: 'o.1', documents: EVERY, key: 'restart_reason', name: 'Restart reason', text: 'Why the device last started: a mask (0x04 power off, 0x08 soft reset, 0x10 watchdog, 0x40 low voltage) or a number (1 power, 3 software, 9 low voltage), depending on the hardware.', access: 'read', scale: { as: 'number' }, entity: { ...diagnostic, seldom: true } },
  { field: 'f.0', documents: EVERY, key: 'load', name: 'Load', text: 'Whether the load is switched on.', access: 'read', scale: flag, entity: { deviceClass: 'power' } },
  { field: 'f.2', documents: WITH_AIR, key: 'floor_limit_active', name: 'Floor limit active', text: 'Whether a floor limit overrides the air temperature now.', access: 'read', scale: flag, entity: diagnostic },
  { field: 'f.3', documents: EVERY, key: 'floor_sensor_missing', name: 'Floor sensor missing', text: 'The floor sensor is broken or not connected.', access: 'read', scale: flag, fault: 'sensor', entity: problem },
  { field: 'f.4', documents: EVERY, key: 'floor_sensor_shorted', name: 'Floor sensor shorted', text: 'The floor sensor has a short circuit.', access: 'read', scale: flag, fault: 'sensor', entity: problem },
  { field: 'f.5', documents: WITH_AIR, key: 'air_sensor_missing', name: 'Air sensor missing', text: 'The air sensor is broken, lost or not connected.', access: 'read', scale: flag, fault: 'sensor', entity: problem },
  { field: 'f.7', documents: EVERY, key: 'preheat_active', name: 'Preheating', text: 'Whether the device is heating ahead of the schedule.', access: 'read', scale: flag, entity: diagnostic },
  { field: 'f.8', documents: WITH_AIR, key: 'window_open', name: 'Open window', text: 'Whether the device believes that a window is open.', access: 'read', scale: flag, entity: { deviceClass: 'window', shown: true } },
  { field: 'f.9', documents: EVERY, key: 'overheated', name: 'Overheated', text: 'The inside of the device is too hot; the load is switched off.', access: 'read', scale: flag, fault: 'overheating', entity: { deviceClass: 'heat', category: 'diagnostic' } },
  { field: 'f.11', documents: EVERY, key: 'clock_fault', name: 'Clock fault', text: 'The clock of the device is faulty or was never set.', access: 'read', scale: flag, fault: true, entity: problem },
  { field: 'f.12', documents: EVERY, key: 'overheat_protection_fault', name: 'Overheat protection fault', text: 'The protection against overheating does not work.', access: 'read', scale: flag, fault: true, entity: problem },
  { field: 'f.13', documents: EVERY, key: 'emergency_mode', name: 'Emergency mode', text: 'The device heats by time because it has no floor sensor.', access: 'read', scale: flag, fault: true, entity: problem },
  { field: 'f.14', documents: EVERY, key: 'digital_floor_sensor', name: 'Digital floor sensor', text: 'Whether the floor sensor is a digital one.', access: 'read', scale: flag, entity: { ...diagnostic, seldom: true } },
  { field: 'f.16', documents: EVERY, mirrors: 'power_off', scale: flag },
  { field: 'f.17', documents: ['oz'], key: 'load_on_long', name: 'Load on for long', text: 'The load has been on without interruption for longer than the warning time.', access: 'read', scale: flag, fault: true, entity: problem },
  { field: 'par.26', documents: EVERY, mirrors: 'floor_setpoint_max', scale: { as: 'number' } },
  { field: 'par.27', documents: EVERY, mirrors: 'floor_setpoint_min', scale: { as: 'number' } },
]

/** Models that can control by the air. */
export const air: readonly MirrorRow[] = [
  { field: 'par.33', documents: WITH_AIR, mirrors: 'air_setpoint_max', scale: { as: 'number' } },
  { field: 'par.34', documents: WITH_AIR, mirrors: 'air_setpoint_min', scale: { as: 'number' } },
]

const zeroCross = (field: string, documents: readonly [DocumentId, ...DocumentId[]]): TelemetryRow => ({
  field,
  documents,
  key: 'zero_cross_fault',
  name: 'Zero-crossing fault',
  text: 'The circuit that detects the zero crossing of the mains does not work.',
  access: 'read',
  scale: flag,
  fault: true,
  entity: problem,
})

/** Welrok's documents mark f.6 as reserved or leave it out. */
// biome-ignore format: a row a line, as in the table that it is
export const terneo: readonly (TelemetryRow | MirrorRow)[] = [
  { field: 'f.6', documents: ['terneo'], key: 'air_sensor_shorted', name: 'Air sensor shorted', text: 'The air sensor has a short circuit.', access: 'read', scale: flag, fault: 'sensor', entity: problem },
  zeroCross('f.21', ['terneo']),
]

// biome-ignore format: a row a line, as in the table that it is
export const welrok: readonly (TelemetryRow | MirrorRow)[] = [
  zeroCross('f.20', WELROK),
  { field: 'f.10', documents: WELROK, key: 'clock_unsynchronised', name: 'Clock not synchronised', text: 'The clock of the device differs from the clock of the cloud.', access: 'read', scale: flag, entity: { ...problem, seldom: true } },
]

/** OZ with an air sensor. */
// biome-ignore format: a row a line, as in the table that it is
export const oz: readonly (TelemetryRow | MirrorRow)[] = [
  { field: 'm.6', documents: ['oz'], key: 'next_operating_mode', name: 'Next operating mode', text: 'The mode that follows when timer, away or standby ends.', access: 'read', scale: { as: 'enum', labels: OPERATING_MODES }, entity: { ...diagnostic, seldom: true } },
  { field: 'o.2', documents: ['oz'], key: 'timer_remaining', name: 'Boost remaining', text: 'How much longer the timer, which is used for boost, runs.', access: 'read', scale: { as: 'number', times: 5 }, unit: 's', entity: { deviceClass: 'duration' } },
  { field: 'o.4', documents: ['oz'], key: 'humidity', name: 'Humidity', text: 'Relative humidity at the air sensor.', access: 'read', scale: { as: 'number' }, unit: '%', entity: { deviceClass: 'humidity', stateClass: 'measurement', shown: true } },
  { field: 'o.5', documents: ['oz'], key: 'radio_restart_reason', name: 'Radio restart reason', text: 'Why the radio chip last started: 3 reset, 4 software failure, 0 anything else.', access: 'read', scale: { as: 'number' }, entity: { ...diagnostic, seldom: true } },
  { field: 'f.21', documents: ['oz'], key: 'cloud_time_ignored', name: 'Cloud time ignored', text: 'Whether the device ignores the time of the cloud, because its clock was set by hand.', access: 'read', scale: flag, entity: { ...diagnostic, seldom: true } },
  { field: 'f.22', documents: ['oz'], key: 'air_sensor_connected', name: 'Air sensor connected', text: 'Whether the wireless air sensor is connected.', access: 'read', scale: flag, entity: { deviceClass: 'connectivity', ...diagnostic } },
  { field: 'f.23', documents: ['oz'], key: 'air_sensor_battery_low', name: 'Air sensor battery low', text: 'The battery of the wireless air sensor is low.', access: 'read', scale: flag, fault: true, entity: { deviceClass: 'battery', ...diagnostic } },
]
