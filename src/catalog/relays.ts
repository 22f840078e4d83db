/**
 * The rows of the relay MS and of the voltage relay D2W: their documents share little with those of the thermostats,
 * and the same number means something else. Limits that the documents do not give are a sensible part of the wire
 * type's range.
 */
import type { MirrorRow, ParameterRow, TelemetryRow } from './types.ts'

const config = { category: 'config' } as const
const hidden = { category: 'config', seldom: true } as const
const diagnostic = { category: 'diagnostic' } as const
const problem = { deviceClass: 'problem', category: 'diagnostic' } as const
const measured = { deviceClass: 'temperature', stateClass: 'measurement', precision: 1, ...diagnostic } as const
const SIXTEENTHS = { as: 'number', divide: 16 } as const
const flag = { as: 'boolean' } as const
const LOCKS = { as: 'enum', labels: { 0: 'none', 1: 'cloud', 2: 'lan', 3: 'both' } } as const
const BOTH = ['ms', 'd2w'] as const
const MS = ['ms'] as const
const D2W = ['d2w'] as const

// biome-ignore format: a row a line, as in the table that it is
const locks: readonly ParameterRow[] = [
  { id: 114, documents: BOTH, vendor: 'lanBlock', key: 'lan_lock', name: 'LAN lock', text: 'Whether commands from the local network must be signed.', access: 'write', wire: 7, scale: flag, entity: hidden },
  { id: 115, documents: BOTH, vendor: 'cloudBlock', key: 'cloud_lock', name: 'Cloud lock', text: 'Whether commands from the cloud are refused.', access: 'write', wire: 7, scale: flag, entity: hidden },
]

// biome-ignore format: a row a line, as in the table that it is
export const relayParameters: readonly ParameterRow[] = [
  { id: 125, documents: MS, vendor: 'powerOff', key: 'relay', name: 'Relay', text: 'Whether the relay is switched on.', access: 'write', wire: 7, scale: flag, entity: { main: true, shown: true } },
  { id: 3, documents: MS, vendor: 'controlType', key: 'relay_mode', name: 'Relay mode', text: 'Operating mode; a relay has only one, 0.', access: 'read', wire: 2, scale: { as: 'number' }, entity: { ...diagnostic, seldom: true } },
  { id: 23, documents: MS, vendor: 'brightness', key: 'brightness', name: 'Display brightness', text: 'Brightness of the indicator.', access: 'write', wire: 2, scale: { as: 'number' }, min: 0, max: 10, step: 1, entity: config },
  { id: 55, documents: MS, vendor: 'relayOnTimeLimit', key: 'load_warning_time', name: 'Load warning time', text: 'Hours that the relay may be on before the device warns.', access: 'read', wire: 2, scale: { as: 'number' }, unit: 'h', entity: { deviceClass: 'duration', ...diagnostic, seldom: true } },
  { id: 68, documents: MS, vendor: 'buttonPressTime', key: 'button_press_time', name: 'Button press time', text: 'How long the button must be pressed to switch the relay.', access: 'write', wire: 2, scale: { as: 'number' }, unit: 's', min: 0, max: 60, step: 1, entity: { deviceClass: 'duration', ...hidden } },
  { id: 70, documents: MS, vendor: 'relayInitialCondition', key: 'power_on_state', name: 'State after power-up', text: 'What the relay does when power returns: stays off, switches on, or restores its last state.', access: 'write', wire: 2, scale: { as: 'enum', labels: { 0: 'off', 1: 'on', 2: 'memory' } }, entity: config },
  { id: 71, documents: MS, vendor: 'externalSwitchType', key: 'switch_type', name: 'External switch type', text: 'Whether the external switch is a momentary button or a latching switch.', access: 'write', wire: 2, scale: { as: 'enum', labels: { 0: 'momentary', 1: 'latching' } }, entity: config },
  ...locks,
  { id: 124, documents: MS, vendor: 'childrenLock', key: 'child_lock', name: 'Child lock', text: 'Whether the keys of the device are locked.', access: 'write', wire: 7, scale: flag, entity: { ...config, shown: true } },
]

/** Measured by both kinds of relay. */
// biome-ignore format: a row a line, as in the table that it is
const shared: readonly TelemetryRow[] = [
  { field: 'f.10', documents: BOTH, key: 'load', name: 'Load', text: 'Whether the relay is closed and the load has power.', access: 'read', scale: flag, entity: { deviceClass: 'power', shown: true } },
  { field: 't.0', documents: BOTH, key: 'device_temperature', name: 'Device temperature', text: 'Temperature at the overheat sensor inside the device.', access: 'read', scale: SIXTEENTHS, unit: '°C', entity: measured },
  { field: 't.7', documents: BOTH, key: 'mcu_temperature', name: 'Microcontroller temperature', text: 'Temperature of the microcontroller.', access: 'read', scale: SIXTEENTHS, unit: '°C', entity: { ...measured, seldom: true } },
  { field: 'm.3', documents: BOTH, key: 'lock', name: 'Lock', text: 'Which commands the device refuses: none, those from the cloud, unsigned ones from the LAN, or all.', access: 'read', scale: LOCKS, entity: { ...diagnostic, icon: 'mdi:lock' } },
  { field: 'o.0', documents: BOTH, key: 'wifi_rssi', name: 'Wi-Fi signal', text: 'Strength of the Wi-Fi signal at the device.', access: 'read', scale: { as: 'number' }, unit: 'dBm', entity: { deviceClass: 'signal_strength', stateClass: 'measurement', ...diagnostic } },
  { field: 'f.0', documents: BOTH, key: 'overheated', name: 'Overheated', text: 'The inside of the device is too hot; the load is switched off.', access: 'read', scale: flag, fault: 'overheating', entity: { deviceClass: 'heat', category: 'diagnostic' } },
  { field: 'f.1', documents: BOTH, key: 'clock_fault', name: 'Clock fault', text: 'The clock of the device is faulty or was never set.', access: 'read', scale: flag, fault: true, entity: problem },
  { field: 'f.2', documents: BOTH, key: 'overheat_protection_fault', name: 'Overheat protection fault', text: 'The protection against overheating does not work.', access: 'read', scale: flag, fault: true, entity: problem },
]

// biome-ignore format: a row a line, as in the table that it is
export const relayTelemetry: readonly (TelemetryRow | MirrorRow)[] = [
  ...shared,
  { field: 'm.1', documents: MS, key: 'relay_status', name: 'Relay status', text: 'Status of the device; a relay has only one, 1.', access: 'read', scale: { as: 'number' }, entity: { ...diagnostic, seldom: true } },
  { field: 'o.1', documents: MS, key: 'restart_reason', name: 'Restart reason', text: 'Why the device last started: a mask (0x04 power off, 0x08 soft reset, 0x10 watchdog, 0x40 low voltage) or a number (1 power, 3 software, 9 low voltage), depending on the hardware.', access: 'read', scale: { as: 'number' }, entity: { ...diagnostic, seldom: true } },
  { field: 'o.5', documents: MS, key: 'radio_restart_reason', name: 'Radio restart reason', text: 'Why the radio chip last started: 0 reset, 1 power, 2 software, 3 watchdog, 4 window watchdog, 5 low voltage.', access: 'read', scale: { as: 'number' }, entity: { ...diagnostic, seldom: true } },
  { field: 'f.13', documents: MS, key: 'clock_unsynchronised', name: 'Clock not synchronised', text: 'The clock of the device differs from the clock of the cloud.', access: 'read', scale: flag, entity: { ...problem, seldom: true } },
  { field: 'f.20', documents: MS, key: 'zero_cross_fault', name: 'Zero-crossing fault', text: 'The circuit that detects the zero crossing of the mains does not work.', access: 'read', scale: flag, fault: true, entity: problem },
  { field: 'f.21', documents: MS, key: 'cloud_time_ignored', name: 'Cloud time ignored', text: 'Whether the device ignores the time of the cloud, because its clock was set by hand.', access: 'read', scale: flag, entity: { ...diagnostic, seldom: true } },
]

const volts = { deviceClass: 'voltage', ...config } as const
const seconds = { deviceClass: 'duration', ...config } as const

/**
 * The wire of D2W has no types, only numbers and booleans; `wire` is what its table prints. For 119, the table says
 * that true is off, but the sample switches the relay on with `"119":true`, and the telemetry printed after it shows a
 * closed relay. For 13, the table says seconds from 0.1, but also uint32, which holds only whole numbers; the vendor's
 * list of 2019 says tenths.
 */
// biome-ignore format: a row a line, as in the table that it is
export const voltageParameters: readonly ParameterRow[] = [
  { id: 119, documents: D2W, vendor: 'powerOff', key: 'relay', name: 'Relay', text: 'Whether the device switches the load on while the voltage is within its limits.', access: 'write', wire: 7, scale: { as: 'boolean', inverted: true }, otherwise: { scale: flag }, entity: { main: true, shown: true } },
  { id: 1, documents: D2W, vendor: 'upperU', key: 'voltage_max', name: 'Voltage maximum', text: 'Voltage above which the load is switched off.', access: 'write', wire: 4, scale: { as: 'number' }, unit: 'V', min: 230, max: 280, step: 1, entity: volts },
  { id: 5, documents: D2W, vendor: 'lowerU', key: 'voltage_min', name: 'Voltage minimum', text: 'Voltage below which the load is switched off.', access: 'write', wire: 2, scale: { as: 'number' }, unit: 'V', min: 100, max: 210, step: 1, entity: volts },
  { id: 9, documents: D2W, vendor: 'tonDelay', key: 'switch_on_delay', name: 'Switch-on delay', text: 'How long the device waits before switching the load on.', access: 'write', wire: 4, scale: { as: 'number' }, unit: 's', min: 3, max: 999, step: 1, entity: seconds },
  { id: 13, documents: D2W, vendor: 'lowVoltageTime', key: 'low_voltage_time', name: 'Low voltage time', text: 'How long the voltage must be too low before the load is switched off.', access: 'write', wire: 6, scale: { as: 'number', divide: 10 }, otherwise: { scale: { as: 'number' }, min: 1, step: 1 }, unit: 's', min: 0.1, max: 10, step: 0.1, entity: seconds },
  { id: 14, documents: D2W, vendor: 'correctionU', key: 'voltage_correction', name: 'Voltage correction', text: 'Added to the measured voltage.', access: 'write', wire: 1, scale: { as: 'number' }, unit: 'V', min: -20, max: 20, step: 1, entity: { deviceClass: 'voltage', ...hidden } },
  { id: 19, documents: D2W, vendor: 'repTimes', key: 'repeat_limit', name: 'Repeat limit', text: 'How many times in a row the load is switched on before the protection against repeated switching (REP) holds it off.', access: 'write', wire: 2, scale: { as: 'number' }, min: 1, max: 5, step: 1, entity: config },
  { id: 20, documents: D2W, vendor: 'voltageHysteresis', key: 'voltage_hysteresis', name: 'Voltage hysteresis', text: 'How far the voltage must come back within its limits before the load is switched on again.', access: 'write', wire: 2, scale: { as: 'number' }, unit: 'V', min: 0, max: 5, step: 1, entity: volts },
  { id: 73, documents: D2W, vendor: 'brightness', key: 'brightness', name: 'Display brightness', text: 'Brightness of the indicator in standby.', access: 'write', wire: 2, scale: { as: 'number' }, min: 0, max: 10, step: 1, entity: config },
  ...locks,
  { id: 116, documents: D2W, vendor: 'modeGen', key: 'generator_mode', name: 'Generator mode', text: 'Whether the device tolerates the mains supply of a generator.', access: 'write', wire: 7, scale: flag, entity: config },
  { id: 117, documents: D2W, vendor: 'repON', key: 'repeat_protection', name: 'Repeat protection', text: 'Whether the load is held off after being switched on too often (REP).', access: 'write', wire: 7, scale: flag, entity: config },
  { id: 118, documents: D2W, vendor: 'easyPowerOff', key: 'widget_switch_off', name: 'Switch off by widget', text: 'Whether the widget of the vendor’s app can switch the load off.', access: 'write', wire: 7, scale: flag, entity: hidden },
  { id: 124, documents: D2W, vendor: 'modePro', key: 'pro_mode', name: 'Pro mode', text: 'Whether “Pro” mode is on.', access: 'write', wire: 7, scale: flag, entity: hidden },
  { id: 125, documents: D2W, vendor: 'DelayOnType', key: 'delay_model', name: 'Delay model', text: 'Which of its two rules the switch-on delay follows (menu item Odt).', access: 'write', wire: 7, scale: { as: 'enum', labels: { 0: 'tAo', 1: 'tAr' } }, entity: hidden },
  { id: 126, documents: D2W, vendor: 'childrenLock', key: 'child_lock', name: 'Child lock', text: 'Whether the keys of the device are locked.', access: 'write', wire: 7, scale: flag, entity: { ...config, shown: true } },
]

// biome-ignore format: a row a line, as in the table that it is
export const voltageTelemetry: readonly (TelemetryRow | MirrorRow)[] = [
  { field: 'u.15', documents: D2W, key: 'voltage', name: 'Voltage', text: 'Voltage of the mains, averaged over half a second.', access: 'read', scale: { as: 'number' }, unit: 'V', entity: { deviceClass: 'voltage', stateClass: 'measurement', precision: 0, shown: true } },
  { field: 'u.13', documents: D2W, mirrors: 'voltage_max', scale: { as: 'number' } },
  { field: 'u.14', documents: D2W, mirrors: 'voltage_min', scale: { as: 'number' } },
  ...shared,
  { field: 'm.1', documents: D2W, key: 'device_status', name: 'Device status', text: 'Whether the device is on or was switched off with its button.', access: 'read', scale: { as: 'enum', labels: { 0: 'on', 1: 'off_by_button' } }, entity: { shown: true } },
  { field: 'm.10', documents: D2W, key: 'switch_on_remaining', name: 'Switch-on remaining', text: 'How long until the load is switched on.', access: 'read', scale: { as: 'number' }, unit: 's', entity: { deviceClass: 'duration', shown: true } },
  { field: 'f.3', documents: D2W, key: 'time_set_recently', name: 'Time set recently', text: 'Whether the clock was set over the local network less than 24 hours ago.', access: 'read', scale: flag, entity: { ...diagnostic, seldom: true } },
  { field: 'f.4', documents: D2W, key: 'remote_off_allowed', name: 'Remote switch-off allowed', text: 'Whether the vendor’s app can force the load off.', access: 'read', scale: flag, entity: { ...diagnostic, seldom: true } },
  { field: 'f.6', documents: D2W, key: 'overheat_lock', name: 'Overheat lock', text: 'The device has overheated for the fifth time and holds the load off.', access: 'read', scale: flag, fault: 'overheating', entity: problem },
  { field: 'f.12', documents: D2W, key: 'repeat_lock', name: 'Repeat lock', text: 'The load was switched on too often in a row and is held off (REP).', access: 'read', scale: flag, fault: true, entity: problem },
  { field: 'f.13', documents: D2W, key: 'incident', name: 'Incident', text: 'The voltage has left its limits since the previous telemetry.', access: 'read', scale: flag, fault: true, entity: problem },
  { field: 'f.14', documents: D2W, key: 'voltage_high', name: 'Voltage too high', text: 'The voltage is or was above its maximum.', access: 'read', scale: flag, fault: true, entity: problem },
  { field: 'f.15', documents: D2W, key: 'voltage_low', name: 'Voltage too low', text: 'The voltage is or was below its minimum.', access: 'read', scale: flag, fault: true, entity: problem },
]
