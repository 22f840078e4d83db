/** What the vendors' documents print ("Parameters list", "Telemetry"), typed in by hand apart from the catalog. */

/** id, wire type, vendor's name, as the tables print them. */
export type Line = readonly [id: number, wire: number, vendor: string]

const AIR: readonly Line[] = [
  [4, 1, 'manualAir'],
  [6, 1, 'awayAirTemperature'],
  [14, 2, 'minTempAdvancedMode'],
  [15, 2, 'maxTempAdvancedMode'],
  [20, 1, 'airCorrection'],
  [33, 1, 'upperAirLimit'],
  [34, 1, 'lowerAirLimit'],
]

const FLOOR: readonly Line[] = [
  [0, 6, 'startAwayTime'],
  [1, 6, 'endAwayTime'],
  [2, 2, 'mode'],
  [3, 2, 'controlType'],
  [5, 1, 'manualFloorTemperature'],
  [7, 1, 'awayFloorTemperature'],
  [17, 4, 'power'],
  [18, 2, 'sensorType'],
  [19, 2, 'histeresis'],
  [21, 1, 'floorCorrection'],
  [23, 2, 'brightness'],
  [25, 2, 'propKoef'],
  [26, 1, 'upperLimit'],
  [27, 1, 'lowerLimit'],
  [28, 2, 'maxSchedulePeriod'],
  [29, 1, 'tempTemperature'],
  [31, 1, 'setTemperature'],
  [52, 4, 'nightBrightStart'],
  [53, 4, 'nightBrightEnd'],
  [109, 7, 'offButtonLock'],
  [114, 7, 'lanBlock'],
  [115, 7, 'cloudBlock'],
  [117, 7, 'NCContactControl'],
  [118, 7, 'coolingControlWay'],
  [120, 7, 'useNightBright'],
  [121, 7, 'preControl'],
  [124, 7, 'childrenLock'],
  [125, 7, 'powerOff'],
]

const WARNINGS: readonly Line[] = [
  [62, 1, 'upperWarningTemp'],
  [63, 1, 'lowerWarningTemp'],
]

const TOUCH: readonly Line[] = [
  [80, 1, 'buttonMinusCor'],
  [81, 1, 'buttonMenuCor'],
  [82, 1, 'buttonPlusCor'],
]

const WINDOW: Line = [122, 7, 'windowOpenControl']
const LOAD_TIME: Line = [55, 2, 'relayOnTimeLimit']

const OZ: readonly Line[] = [
  [35, 2, 'bleSensorInterval'],
  [36, 7, 'bleSensorsBind'],
  [64, 6, 'timerPeriod'],
  [65, 3, 'timerTemperature'],
  [66, 6, 'startAwayTimeUTC'],
  [67, 6, 'endAwayTimeUTC'],
]

const AZ: readonly Line[] = [...FLOOR, [6, 1, 'awayAirTemperature'], LOAD_TIME]

const MS: readonly Line[] = [
  [3, 2, 'controlType'],
  [23, 2, 'brightness'],
  [55, 2, 'relayOnTimeLimit'],
  [68, 2, 'buttonPressTime'],
  [70, 2, 'relayInitialCondition'],
  [71, 2, 'externalSwitchType'],
  [114, 7, 'lanBlock'],
  [115, 7, 'cloudBlock'],
  [124, 7, 'childrenLock'],
  [125, 7, 'powerOff'],
]

const D2W: readonly Line[] = [
  [1, 4, 'upperU'],
  [5, 2, 'lowerU'],
  [9, 4, 'tonDelay'],
  [13, 6, 'lowVoltageTime'],
  [14, 1, 'correctionU'],
  [19, 2, 'repTimes'],
  [20, 2, 'voltageHysteresis'],
  [73, 2, 'brightness'],
  [114, 7, 'lanBlock'],
  [115, 7, 'cloudBlock'],
  [116, 7, 'modeGen'],
  [117, 7, 'repON'],
  [118, 7, 'easyPowerOff'],
  [119, 7, 'powerOff'],
  [124, 7, 'modePro'],
  [125, 7, 'DelayOnType'],
  [126, 7, 'childrenLock'],
]

export const DOCUMENTED: Readonly<Record<string, readonly Line[]>> = {
  ax: [...FLOOR, ...AIR, WINDOW],
  sx: [...FLOOR, ...AIR, WINDOW, ...WARNINGS, ...TOUCH, LOAD_TIME],
  rx: [...FLOOR, ...AIR, WINDOW],
  bx: [...FLOOR, ...AIR, WINDOW],
  unknown: [...FLOOR, ...AIR, WINDOW],
  az: AZ,
  old: [...AZ, ...TOUCH],
  ms: MS,
  d2w: D2W,
  oz: [...FLOOR, ...AIR, WINDOW, LOAD_TIME, ...WARNINGS, ...TOUCH, ...OZ],
}

/** Telemetry: field and key. */
export type Field = readonly [field: string, key: string]

const SHARED_FIELDS: readonly Field[] = [
  ['t.0', 'device_temperature'],
  ['t.1', 'floor_temperature'],
  ['t.2', 'air_temperature'],
  ['t.5', 'setpoint_in_force'],
  ['t.7', 'mcu_temperature'],
  ['m.0', 'control_type'],
  ['m.1', 'operating_mode'],
  ['m.2', 'schedule_period'],
  ['m.3', 'lock'],
  ['m.5', 'cooling'],
  ['o.0', 'wifi_rssi'],
  ['o.1', 'restart_reason'],
  ['f.0', 'load'],
  ['f.2', 'floor_limit_active'],
  ['f.3', 'floor_sensor_missing'],
  ['f.4', 'floor_sensor_shorted'],
  ['f.5', 'air_sensor_missing'],
  ['f.7', 'preheat_active'],
  ['f.8', 'window_open'],
  ['f.9', 'overheated'],
  ['f.11', 'clock_fault'],
  ['f.12', 'overheat_protection_fault'],
  ['f.13', 'emergency_mode'],
  ['f.14', 'digital_floor_sensor'],
  ['f.16', 'power_off'],
  ['f.17', 'load_on_long'],
  ['par.26', 'floor_setpoint_max'],
  ['par.27', 'floor_setpoint_min'],
]

const AIR_FIELDS: readonly Field[] = [
  ['par.33', 'air_setpoint_max'],
  ['par.34', 'air_setpoint_min'],
]

export const TERNEO_FIELDS: readonly Field[] = [
  ...SHARED_FIELDS,
  ...AIR_FIELDS,
  ['f.6', 'air_sensor_shorted'],
  ['f.21', 'zero_cross_fault'],
]

export const WELROK_FIELDS: readonly Field[] = [
  ...SHARED_FIELDS,
  ['f.10', 'clock_unsynchronised'],
  ['f.20', 'zero_cross_fault'],
]

const OZ_FIELDS: readonly Field[] = [
  ...WELROK_FIELDS,
  ...AIR_FIELDS,
  ['m.6', 'next_operating_mode'],
  ['o.2', 'timer_remaining'],
  ['o.4', 'humidity'],
  ['o.5', 'radio_restart_reason'],
  ['f.21', 'cloud_time_ignored'],
  ['f.22', 'air_sensor_connected'],
  ['f.23', 'air_sensor_battery_low'],
]

const RELAY_FIELDS: readonly Field[] = [
  ['t.0', 'device_temperature'],
  ['t.7', 'mcu_temperature'],
  ['m.3', 'lock'],
  ['o.0', 'wifi_rssi'],
  ['f.0', 'overheated'],
  ['f.1', 'clock_fault'],
  ['f.2', 'overheat_protection_fault'],
  ['f.10', 'load'],
]

const MS_FIELDS: readonly Field[] = [
  ...RELAY_FIELDS,
  ['m.1', 'relay_status'],
  ['o.1', 'restart_reason'],
  ['o.5', 'radio_restart_reason'],
  ['f.13', 'clock_unsynchronised'],
  ['f.20', 'zero_cross_fault'],
  ['f.21', 'cloud_time_ignored'],
]

/** Without f.5, which is reserved. */
const D2W_FIELDS: readonly Field[] = [
  ...RELAY_FIELDS,
  ['u.13', 'voltage_max'],
  ['u.14', 'voltage_min'],
  ['u.15', 'voltage'],
  ['m.1', 'device_status'],
  ['m.10', 'switch_on_remaining'],
  ['f.3', 'time_set_recently'],
  ['f.4', 'remote_off_allowed'],
  ['f.6', 'overheat_lock'],
  ['f.12', 'repeat_lock'],
  ['f.13', 'incident'],
  ['f.14', 'voltage_high'],
  ['f.15', 'voltage_low'],
]

export const FIELDS: Readonly<Record<string, readonly Field[]>> = { oz: OZ_FIELDS, ms: MS_FIELDS, d2w: D2W_FIELDS }
