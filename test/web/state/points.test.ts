/** The values of a device in the order of its page, and the search among them. */
import t from 'tap'
import { datapointsOf, MODELS } from '../../../src/catalog/index.ts'
import type { Datapoint } from '../../../src/web/api/types.ts'
import { riskOf } from '../../../src/web/state/limits.ts'
import { CATEGORIES, OPEN, pointsBelow, searched } from '../../../src/web/state/points.ts'

const point = (key: string, more: Partial<Datapoint> = {}): Datapoint =>
  ({ key, name: key, text: `About ${key}.`, type: 'number', category: 'config', access: 'write', ...more }) as Datapoint

const POINTS = [
  point('brightness', { raw: '23', name: 'Display brightness' }),
  point('child_lock', { raw: '124' }),
  point('target_temperature'),
  point('humidity', { access: 'read', category: 'measured' }),
]
const keys = (points: readonly Datapoint[]) => points.map(({ key }) => key)
const words = ({ name, text }: Datapoint) => `${name} ${text}`

t.test('what the card shows is not said again, nor what has no value', async (t) => {
  t.strictSame(keys(pointsBelow(POINTS, {})), ['brightness', 'child_lock'])
  t.strictSame(keys(pointsBelow(POINTS, { humidity: 50 })), ['brightness', 'child_lock', 'humidity'])
  t.strictSame(keys(pointsBelow(POINTS, { humidity: null })), ['brightness', 'child_lock'])
})

t.test('found by words in any order, by key and by number of the protocol', async (t) => {
  for (const [search, found] of [
    ['', keys(POINTS)],
    ['  ', keys(POINTS)],
    ['BRIGHTNESS display', ['brightness']],
    ['child_lock', ['child_lock']],
    ['124', ['child_lock']],
    ['about', keys(POINTS)],
    ['.*', []],
    ['<script>', []],
    ['🔥'.repeat(200), []],
  ] as const)
    t.strictSame(keys(searched(POINTS, search, words)), found, search)
})

t.test('every category has its place', async (t) => {
  const all: Readonly<Record<Datapoint['category'], true>> = {
    control: true,
    measured: true,
    config: true,
    diagnostic: true,
    fault: true,
  }
  t.strictSame([...CATEGORIES].sort(), Object.keys(all).sort())
  t.strictSame(
    OPEN.filter((category) => !Object.hasOwn(all, category)),
    [],
  )
})

/** What can be set on the page of a device without a question, as nobody can harm anything with it. */
const HARMLESS = [
  ...['air_correction', 'air_sensor_interval', 'away_air_setpoint', 'away_end', 'away_end_utc', 'away_floor_setpoint'],
  ...['away_start', 'away_start_utc', 'boost_minutes', 'brightness', 'button_press_time', 'child_lock', 'delay_model'],
  ...['floor_correction', 'generator_mode', 'hysteresis', 'load_control', 'low_voltage_time', 'manual_air_setpoint'],
  ...['manual_floor_setpoint', 'menu_key_correction', 'minus_key_correction', 'mode', 'night_brightness', 'night_end'],
  ...['night_start', 'open_window_detection', 'plus_key_correction', 'power_off', 'power_on_state', 'preheat'],
  ...['preset', 'pro_mode', 'program', 'rated_power', 'relay', 'repeat_limit', 'repeat_protection', 'switch_on_delay'],
  ...['switch_type', 'target_temperature', 'temporary_setpoint', 'timer_setpoint', 'voltage_correction'],
  ...['voltage_hysteresis', 'warning_temperature_max', 'warning_temperature_min', 'widget_switch_off'],
]

t.test('whatever can be set asks first, unless nobody can harm anything with it', async (t) => {
  const settable = new Set(
    MODELS.flatMap((model) => datapointsOf(model).flatMap(({ key, access }) => (access === 'write' ? [key] : []))),
  )
  const asked = [...settable].filter((key) => riskOf(key) !== null)
  t.strictSame([...asked, ...HARMLESS].sort(), [...settable].sort(), 'each is either')
  t.strictSame(
    ['relay_inverted', 'lan_lock', 'floor_limit_max', 'air_setpoint_min', 'voltage_max', 'emergency_duty'].map(riskOf),
    ['wiring', 'lock', 'limit', 'limit', 'voltage', 'wiring'],
  )
})
