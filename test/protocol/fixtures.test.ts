/** The published wire data, decoded with the rows of the catalog: every value by hand from the documents' units. */
import t from 'tap'
import { modelOf } from '../../src/catalog/index.ts'
import { parseParameters } from '../../src/protocol/replies.ts'
import { fixture, object } from '../support/fixtures.ts'
import { decodeParameters, decodeTelemetry, model, type Values } from './decoding.ts'

const NO_AWAY = { away_start: null, away_end: null }
const FLOOR_LIMITS = { floor_setpoint_max: 45, floor_setpoint_min: 5 }
const NIGHT = { night_start: '00:00', night_end: '08:00' }
const KEYS = { minus_key_correction: 0, menu_key_correction: 0, plus_key_correction: 0 }
const ALL_OFF = { relay_inverted: false, cooling: false, preheat: false, child_lock: false, power_off: false }
const SHARED = {
  ...NO_AWAY,
  ...FLOOR_LIMITS,
  ...ALL_OFF,
  hysteresis: 1,
  floor_correction: 0,
  emergency_duty: 15,
  schedule_periods: 16,
}

const PARAMETERS: readonly { name: string; model: string; values: Values; unknown: number[] }[] = [
  {
    name: 'ax-parameters',
    model: 'ax',
    values: {
      ...SHARED,
      program: 'manual',
      control_type: 'floor',
      manual_air_setpoint: 30,
      manual_floor_setpoint: 30,
      away_air_setpoint: 25,
      away_floor_setpoint: 5,
      sensor_type: '10 kΩ',
      brightness: 6,
      temporary_setpoint: 0,
      rated_power: 2000,
      lan_lock: true,
      cloud_lock: false,
      open_window_detection: false,
    },
    unknown: [116],
  },
  {
    name: 'sx-parameters',
    model: 'sx',
    values: {
      ...SHARED,
      ...NIGHT,
      ...KEYS,
      program: 'schedule',
      control_type: 'floor',
      manual_floor_setpoint: 26,
      away_floor_setpoint: 5,
      current_setpoint: 26,
      temporary_setpoint: 0,
      sensor_type: '6.8 kΩ',
      brightness: 6,
      rated_power: 1620,
      load_warning_time: 24,
      warning_temperature_max: 45,
      warning_temperature_min: 5,
      lan_lock: false,
      cloud_lock: false,
      night_brightness: false,
    },
    unknown: [54, 67],
  },
  {
    name: 'az-parameters',
    model: 'az',
    values: {
      ...SHARED,
      ...NIGHT,
      program: 'manual',
      control_type: 'floor',
      manual_floor_setpoint: 30,
      away_floor_setpoint: 5,
      current_setpoint: 8,
      temporary_setpoint: 0,
      sensor_type: '10 kΩ',
      brightness: 6,
      rated_power: 2000,
      load_warning_time: 24,
      automatic_key_lock_off: false,
      lan_lock: true,
      cloud_lock: false,
      night_brightness: false,
    },
    unknown: [],
  },
  {
    name: 'oz-parameters',
    model: 'oz',
    values: {
      ...SHARED,
      ...NIGHT,
      ...KEYS,
      timer_end: null,
      timer_setpoint: 30,
      away_start_utc: null,
      away_end_utc: null,
      program: 'manual',
      control_type: 'air_floor_limits',
      current_setpoint: 23,
      temporary_setpoint: 0,
      manual_floor_setpoint: 30,
      manual_air_setpoint: 23,
      away_floor_setpoint: 5,
      away_air_setpoint: 18,
      sensor_type: '10 kΩ',
      brightness: 10,
      rated_power: 0,
      air_setpoint_max: 35,
      air_setpoint_min: 5,
      floor_limit_min: 0,
      floor_limit_max: 45,
      air_correction: 0,
      air_sensor_interval: 1,
      air_sensor_bound: true,
      warning_temperature_max: 35,
      warning_temperature_min: 5,
      load_warning_time: 24,
      automatic_key_lock_off: true,
      lan_lock: false,
      cloud_lock: false,
      open_window_detection: false,
      night_brightness: false,
    },
    unknown: [],
  },
]

for (const { name, model: id, values, unknown } of PARAMETERS) {
  t.test(name, async (t) => {
    const { response } = fixture(name)
    const decoded = decodeParameters(model(id), response)
    t.same(decoded.values, values)
    t.same(decoded.unknown, unknown, 'what nobody has described')
    const types = new Map([...parseParameters(object(response))].map(([number, { type }]) => [number, type]))
    t.equal(modelOf(id, types).id, id)
  })
}

const NO_FAULTS = {
  floor_sensor_missing: false,
  floor_sensor_shorted: false,
  overheated: false,
  overheat_protection_fault: false,
  emergency_mode: false,
}

const TELEMETRY: readonly { name: string; model: string; values: Values; unknown: string[] }[] = [
  {
    name: 'ax-telemetry',
    model: 'ax',
    values: {
      ...NO_FAULTS,
      ...FLOOR_LIMITS,
      device_temperature: 28.13,
      floor_temperature: 26,
      setpoint_in_force: 30,
      control_type: 'floor',
      operating_mode: 'manual',
      schedule_period: 34,
      lock: 'lan',
      load: true,
      floor_limit_active: false,
      preheat_active: false,
      window_open: false,
      digital_floor_sensor: false,
      clock_fault: true,
      wifi_rssi: -83,
      restart_reason: 6,
    },
    unknown: ['f.1', 'f.10', 'f.15'],
  },
  {
    name: 'az-telemetry',
    model: 'az',
    values: {
      ...NO_FAULTS,
      ...FLOOR_LIMITS,
      device_temperature: 29.38,
      floor_temperature: 24.5,
      setpoint_in_force: 25,
      mcu_temperature: 40,
      control_type: 'floor',
      operating_mode: 'schedule',
      schedule_period: 65,
      lock: 'lan',
      cooling: false,
      load: true,
      preheat_active: false,
      clock_unsynchronised: false,
      clock_fault: false,
      power_off: false,
      zero_cross_fault: false,
      wifi_rssi: -57,
      restart_reason: 1,
    },
    unknown: [],
  },
  {
    name: 'oz-telemetry',
    model: 'oz',
    values: {
      ...NO_FAULTS,
      ...FLOOR_LIMITS,
      air_setpoint_max: 35,
      air_setpoint_min: 5,
      device_temperature: 30.13,
      floor_temperature: 24.94,
      air_temperature: 23.19,
      setpoint_in_force: 23,
      mcu_temperature: 43.25,
      control_type: 'air_floor_limits',
      operating_mode: 'manual',
      schedule_period: 1,
      next_operating_mode: null,
      lock: 'none',
      cooling: false,
      load: false,
      preheat_active: false,
      window_open: false,
      air_sensor_missing: false,
      air_sensor_connected: true,
      air_sensor_battery_low: false,
      load_on_long: false,
      clock_fault: false,
      power_off: false,
      zero_cross_fault: false,
      cloud_time_ignored: false,
      wifi_rssi: -64,
      restart_reason: 1,
      radio_restart_reason: 0,
      timer_remaining: 0,
      humidity: 61,
    },
    unknown: ['f.6'],
  },
]

for (const { name, model: id, values, unknown } of TELEMETRY) {
  t.test(name, async (t) => {
    const decoded = decodeTelemetry(model(id), fixture(name).response)
    t.same(decoded.values, values)
    t.same(decoded.unknown, unknown, 'what is documented as reserved')
  })
}

t.test('ax-off-manual: manual is 1 as a parameter and 3 in telemetry', async (t) => {
  const { parameters, telemetry } = fixture('ax-off-manual')
  t.same(decodeParameters(model('ax'), { par: parameters }).values, {
    program: 'manual',
    manual_floor_setpoint: 16,
    cooling: false,
    power_off: true,
  })
  t.same(decodeTelemetry(model('ax'), telemetry).values, {
    operating_mode: 'manual',
    cooling: false,
    power_off: true,
    load: false,
    setpoint_in_force: 16,
  })
})
