/**
 * The parameters (`par`, `{"cmd":1}`). Ids, types and names: the vendors' documents, "Parameters list" (Terneo; Welrok
 * AZ, OZ, Old). Limits that they do not give come from owners' clients (hysteresis, rated power), or are a sensible
 * part of the wire type's range. The device has the last word: reading back shows what it did not accept.
 */
import { EVERY, OZ_AND_SX, TOUCH, WELROK_AND_SX, WITH_AIR } from './documents.ts'
import type { ParameterRow } from './types.ts'

/** "No away set" on Welrok and Terneo (27 December 2016 in seconds since 2000); OZ uses 0. */
const NO_TIME = [536112000, 0] as const

const SENSOR_TYPES = { 0: '4.7 kΩ', 1: '6.8 kΩ', 2: '10 kΩ', 3: '12 kΩ', 4: '15 kΩ', 5: '33 kΩ', 6: '47 kΩ' }

const config = { category: 'config' } as const
const hidden = { category: 'config', seldom: true } as const
const temperature = { deviceClass: 'temperature', ...config } as const
/** Already shown and set by the climate entity, or able to hold 127, which a number entity with limits can't show. */
const shownOnly = { deviceClass: 'temperature', precision: 1, seldom: true } as const

/** Shared by every thermostat. */
// biome-ignore format: a row a line, as in the table that it is
export const common: readonly ParameterRow[] = [
  { id: 0, documents: EVERY, vendor: 'startAwayTime', key: 'away_start', name: 'Away start', text: 'When away begins, in the local time of the device. A time with an offset or Z is accepted too.', access: 'write', wire: 6, scale: { as: 'time', zone: 'device', none: NO_TIME }, entity: { seldom: true } },
  { id: 1, documents: EVERY, vendor: 'endAwayTime', key: 'away_end', name: 'Away end', text: 'When away ends, in the local time of the device. A time with an offset or Z is accepted too.', access: 'write', wire: 6, scale: { as: 'time', zone: 'device', none: NO_TIME }, entity: { seldom: true } },
  { id: 2, documents: EVERY, vendor: 'mode', key: 'program', name: 'Program', text: 'Whether the setpoint follows the weekly schedule or stays as set by hand.', access: 'write', wire: 2, scale: { as: 'enum', labels: { 0: 'schedule', 1: 'manual', 3: 'manual' } }, entity: { seldom: true } },
  { id: 3, documents: EVERY, vendor: 'controlType', key: 'control_type', name: 'Control type', text: 'Which sensor controls the load: the floor, the air, or the air within floor limits.', access: 'write', wire: 2, scale: { as: 'enum', labels: { 0: 'floor', 1: 'air', 2: 'air_floor_limits' } }, entity: config },
  { id: 5, documents: EVERY, vendor: 'manualFloorTemperature', key: 'manual_floor_setpoint', name: 'Manual floor setpoint', text: 'Setpoint of manual mode when the floor sensor controls.', access: 'write', wire: 1, scale: { as: 'setpoint' }, unit: '°C', limits: 'floor', entity: { ...temperature, seldom: true } },
  { id: 7, documents: EVERY, vendor: 'awayFloorTemperature', key: 'away_floor_setpoint', name: 'Away floor setpoint', text: 'Setpoint of away when the floor sensor controls.', access: 'write', wire: 1, scale: { as: 'setpoint' }, unit: '°C', limits: 'floor', entity: temperature },
  { id: 17, documents: EVERY, vendor: 'power', key: 'rated_power', name: 'Rated power', text: 'Power of the connected load, as set on the device.', access: 'write', wire: 4, scale: { as: 'load' }, unit: 'W', min: 0, max: 7500, step: 10, entity: { deviceClass: 'power', ...config } },
  { id: 18, documents: EVERY, vendor: 'sensorType', key: 'sensor_type', name: 'Floor sensor type', text: 'Resistance of the connected floor sensor at 25 °C.', access: 'write', wire: 2, scale: { as: 'enum', labels: SENSOR_TYPES }, entity: hidden },
  { id: 19, documents: EVERY, vendor: 'histeresis', key: 'hysteresis', name: 'Hysteresis', text: 'How far the temperature may move from the setpoint before the load switches.', access: 'write', wire: 2, scale: { as: 'number', divide: 10 }, unit: '°C', min: 0.1, max: 10, step: 0.1, entity: config },
  { id: 21, documents: EVERY, vendor: 'floorCorrection', key: 'floor_correction', name: 'Floor sensor correction', text: 'Added to what the floor sensor measures.', access: 'write', wire: 1, scale: { as: 'number', divide: 10 }, unit: '°C', min: -9.9, max: 9.9, step: 0.1, entity: config },
  { id: 23, documents: EVERY, vendor: 'brightness', key: 'brightness', name: 'Display brightness', text: 'Brightness of the display.', access: 'write', wire: 2, scale: { as: 'number' }, min: 0, max: 9, step: 1, entity: config },
  { id: 25, documents: EVERY, vendor: 'propKoef', key: 'emergency_duty', name: 'Emergency duty', text: 'Minutes of heating in each 30 minutes while the floor sensor is broken.', access: 'write', wire: 2, scale: { as: 'number' }, unit: 'min', min: 0, max: 30, step: 1, entity: { deviceClass: 'duration', ...config } },
  { id: 26, documents: EVERY, vendor: 'upperLimit', key: 'floor_setpoint_max', name: 'Highest floor setpoint', text: 'The highest floor setpoint that the device accepts.', access: 'write', wire: 1, scale: { as: 'number' }, unit: '°C', min: 5, max: 60, step: 1, entity: temperature },
  { id: 27, documents: EVERY, vendor: 'lowerLimit', key: 'floor_setpoint_min', name: 'Lowest floor setpoint', text: 'The lowest floor setpoint that the device accepts.', access: 'write', wire: 1, scale: { as: 'number' }, unit: '°C', min: 5, max: 60, step: 1, entity: temperature },
  { id: 28, documents: EVERY, vendor: 'maxSchedulePeriod', key: 'schedule_periods', name: 'Periods a day', text: 'How many periods the schedule can have per day.', access: 'read', wire: 2, scale: { as: 'number' }, entity: { category: 'diagnostic', seldom: true } },
  { id: 29, documents: EVERY, vendor: 'tempTemperature', key: 'temporary_setpoint', name: 'Temporary setpoint', text: 'Setpoint that lasts until the next period of the schedule. On models that support it, 127 is always on and −127 always off.', access: 'write', wire: 1, scale: { as: 'setpoint' }, unit: '°C', limits: 'control', entity: { platform: 'sensor', ...shownOnly } },
  { id: 31, documents: EVERY, vendor: 'setTemperature', key: 'current_setpoint', name: 'Current setpoint', text: 'Setpoint of the mode in force, from the parameter list. On models that support it, 127 is always on and −127 always off.', access: 'read', wire: 1, scale: { as: 'setpoint' }, unit: '°C', entity: shownOnly },
  { id: 52, documents: EVERY, vendor: 'nightBrightStart', key: 'night_start', name: 'Night start', text: 'When the display is dimmed.', access: 'write', wire: 4, scale: { as: 'timeOfDay' }, entity: config },
  { id: 53, documents: EVERY, vendor: 'nightBrightEnd', key: 'night_end', name: 'Night end', text: 'When the display turns bright again.', access: 'write', wire: 4, scale: { as: 'timeOfDay' }, entity: config },
  { id: 55, documents: WELROK_AND_SX, vendor: 'relayOnTimeLimit', key: 'load_warning_time', name: 'Load warning time', text: 'Hours of uninterrupted heating after which the device warns.', access: 'read', wire: 2, scale: { as: 'number' }, unit: 'h', entity: { deviceClass: 'duration', category: 'diagnostic', seldom: true } },
  { id: 62, documents: OZ_AND_SX, vendor: 'upperWarningTemp', key: 'warning_temperature_max', name: 'High temperature warning', text: 'Temperature above which the device warns.', access: 'write', wire: 1, scale: { as: 'number' }, unit: '°C', min: -30, max: 100, step: 1, entity: { ...temperature, seldom: true } },
  { id: 63, documents: OZ_AND_SX, vendor: 'lowerWarningTemp', key: 'warning_temperature_min', name: 'Low temperature warning', text: 'Temperature below which the device warns.', access: 'write', wire: 1, scale: { as: 'number' }, unit: '°C', min: -30, max: 100, step: 1, entity: { ...temperature, seldom: true } },
  { id: 80, documents: TOUCH, vendor: 'buttonMinusCor', key: 'minus_key_correction', name: 'Minus key correction', text: 'Sensitivity of the minus key.', access: 'write', wire: 1, scale: { as: 'number' }, min: -30, max: 30, step: 1, entity: hidden },
  { id: 81, documents: TOUCH, vendor: 'buttonMenuCor', key: 'menu_key_correction', name: 'Menu key correction', text: 'Sensitivity of the menu key.', access: 'write', wire: 1, scale: { as: 'number' }, min: -30, max: 30, step: 1, entity: hidden },
  { id: 82, documents: TOUCH, vendor: 'buttonPlusCor', key: 'plus_key_correction', name: 'Plus key correction', text: 'Sensitivity of the plus key.', access: 'write', wire: 1, scale: { as: 'number' }, min: -30, max: 30, step: 1, entity: hidden },
  { id: 109, documents: EVERY, vendor: 'offButtonLock', key: 'automatic_key_lock_off', name: 'Automatic key lock off', text: 'Whether the keys stay unlocked while nobody touches them.', access: 'read', wire: 7, scale: { as: 'boolean' }, entity: { category: 'diagnostic', seldom: true } },
  { id: 114, documents: EVERY, vendor: 'lanBlock', key: 'lan_lock', name: 'LAN lock', text: 'Whether commands from the local network must be signed.', access: 'write', wire: 7, scale: { as: 'boolean' }, entity: hidden },
  { id: 115, documents: EVERY, vendor: 'cloudBlock', key: 'cloud_lock', name: 'Cloud lock', text: 'Whether commands from the cloud are refused.', access: 'write', wire: 7, scale: { as: 'boolean' }, entity: hidden },
  { id: 117, documents: EVERY, vendor: 'NCContactControl', key: 'relay_inverted', name: 'Relay inverted', text: 'Whether the relay closes when no heat is needed.', access: 'write', wire: 7, scale: { as: 'boolean' }, entity: hidden },
  { id: 118, documents: EVERY, vendor: 'coolingControlWay', key: 'cooling', name: 'Cooling', text: 'Whether the load cools instead of heating.', access: 'write', wire: 7, scale: { as: 'boolean' }, entity: hidden },
  { id: 120, documents: EVERY, vendor: 'useNightBright', key: 'night_brightness', name: 'Night brightness', text: 'Whether the display is dimmed at night.', access: 'write', wire: 7, scale: { as: 'boolean' }, entity: config },
  { id: 121, documents: EVERY, vendor: 'preControl', key: 'preheat', name: 'Preheat', text: 'Whether the device starts early, so that the setpoint is reached on time.', access: 'write', wire: 7, scale: { as: 'boolean' }, entity: { ...config, shown: true } },
  { id: 122, documents: WITH_AIR, vendor: 'windowOpenControl', key: 'open_window_detection', name: 'Detect open window', text: 'Whether a sudden drop in temperature pauses heating.', access: 'write', wire: 7, scale: { as: 'boolean' }, entity: { ...config, shown: true } },
  { id: 124, documents: EVERY, vendor: 'childrenLock', key: 'child_lock', name: 'Child lock', text: 'Whether the keys of the device are locked.', access: 'write', wire: 7, scale: { as: 'boolean' }, entity: { ...config, shown: true } },
  { id: 125, documents: EVERY, vendor: 'powerOff', key: 'power_off', name: 'Power off', text: 'Whether the thermostat is switched off.', access: 'write', wire: 7, scale: { as: 'boolean' }, entity: { seldom: true } },
]

/** Models that can control by the air. */
// biome-ignore format: a row a line, as in the table that it is
export const air: readonly ParameterRow[] = [
  { id: 4, documents: WITH_AIR, vendor: 'manualAir', key: 'manual_air_setpoint', name: 'Manual air setpoint', text: 'Setpoint of manual mode when the air sensor controls.', access: 'write', wire: 1, scale: { as: 'setpoint' }, unit: '°C', limits: 'air', entity: { ...temperature, seldom: true } },
  { id: 6, documents: EVERY, vendor: 'awayAirTemperature', key: 'away_air_setpoint', name: 'Away air setpoint', text: 'Setpoint of away when the air sensor controls.', access: 'write', wire: 1, scale: { as: 'setpoint' }, unit: '°C', limits: 'air', entity: temperature },
  { id: 14, documents: WITH_AIR, vendor: 'minTempAdvancedMode', key: 'floor_limit_min', name: 'Lower floor limit', text: 'The floor stays above this while the air sensor controls within floor limits.', access: 'write', wire: 2, scale: { as: 'number' }, unit: '°C', min: 0, max: 60, step: 1, entity: temperature },
  { id: 15, documents: WITH_AIR, vendor: 'maxTempAdvancedMode', key: 'floor_limit_max', name: 'Upper floor limit', text: 'The floor stays below this while the air sensor controls within floor limits.', access: 'write', wire: 2, scale: { as: 'number' }, unit: '°C', min: 0, max: 60, step: 1, entity: temperature },
  { id: 20, documents: WITH_AIR, vendor: 'airCorrection', key: 'air_correction', name: 'Air sensor correction', text: 'Added to what the air sensor measures.', access: 'write', wire: 1, scale: { as: 'number', divide: 10 }, unit: '°C', min: -9.9, max: 9.9, step: 0.1, entity: config },
  { id: 33, documents: WITH_AIR, vendor: 'upperAirLimit', key: 'air_setpoint_max', name: 'Highest air setpoint', text: 'The highest air setpoint that the device accepts.', access: 'write', wire: 1, scale: { as: 'number' }, unit: '°C', min: -15, max: 75, step: 1, entity: temperature },
  { id: 34, documents: WITH_AIR, vendor: 'lowerAirLimit', key: 'air_setpoint_min', name: 'Lowest air setpoint', text: 'The lowest air setpoint that the device accepts.', access: 'write', wire: 1, scale: { as: 'number' }, unit: '°C', min: -15, max: 75, step: 1, entity: temperature },
]

/** OZ only (Welrok OZ, "Parameters list"). On SX, 67 is an undocumented uint16. */
// biome-ignore format: a row a line, as in the table that it is
export const oz: readonly ParameterRow[] = [
  { id: 35, documents: ['oz'], vendor: 'bleSensorInterval', key: 'air_sensor_interval', name: 'Air sensor interval', text: 'How often the wireless air sensor is read.', access: 'write', wire: 2, scale: { as: 'number' }, unit: 'min', min: 1, max: 60, step: 1, entity: { deviceClass: 'duration', ...hidden } },
  { id: 36, documents: ['oz'], vendor: 'bleSensorsBind', key: 'air_sensor_bound', name: 'Air sensor bound', text: 'Whether a wireless air sensor is paired with this device.', access: 'read', wire: 7, scale: { as: 'boolean' }, entity: { category: 'diagnostic', seldom: true } },
  { id: 64, documents: ['oz'], vendor: 'timerPeriod', key: 'timer_end', name: 'Boost end', text: 'When the timer, which is used for boost, ends.', access: 'read', wire: 6, scale: { as: 'time', zone: 'utc', none: [0] }, entity: { deviceClass: 'timestamp' } },
  { id: 65, documents: ['oz'], vendor: 'timerTemperature', key: 'timer_setpoint', name: 'Boost setpoint', text: 'Setpoint while the timer, which is used for boost, runs.', access: 'write', wire: 3, scale: { as: 'setpoint' }, unit: '°C', limits: 'control', entity: { ...temperature, shown: true } },
  { id: 66, documents: ['oz'], vendor: 'startAwayTimeUTC', key: 'away_start_utc', name: 'Away start (UTC)', text: 'When away begins.', access: 'write', wire: 6, scale: { as: 'time', zone: 'utc', none: [0] }, entity: { platform: 'sensor', deviceClass: 'timestamp', category: 'diagnostic' } },
  { id: 67, documents: ['oz'], vendor: 'endAwayTimeUTC', key: 'away_end_utc', name: 'Away end (UTC)', text: 'When away ends.', access: 'write', wire: 6, scale: { as: 'time', zone: 'utc', none: [0] }, entity: { platform: 'sensor', deviceClass: 'timestamp', category: 'diagnostic' } },
]
