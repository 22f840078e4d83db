/** Example values of fields, for the OpenAPI document. */
import type { ErrorCode } from '../core/errors.ts'
import type { JsonValue } from '../core/json.ts'

/** By field name, for fields whose schema has no example. */
export const FIELDS: Readonly<Record<string, JsonValue>> = {
  access: 't2a_Jv8rPq0yTn3Wc5XbLm7ZkD2sHf9GuQe4RiUoAx6BvNw',
  action: 'setState',
  address: '192.168.1.20',
  allowed: 'a duration of at least 1 s, such as 15s',
  asked: 21.3,
  before: '1200',
  clock_offset: 1.5,
  code: '123456',
  created_by: 'admin',
  current: 'the-password-until-now',
  default: '15s',
  doc: 'How often each device is asked.',
  error: null,
  failures: 0,
  host: '192.168.1.50',
  href: '/api/v1/auth/totp/verify/',
  hw: 'ax',
  id: '404CCAAAD4E8A89860609800000149',
  key: 't2a_Jv8rPq0yTn3Wc5XbLm7ZkD2sHf9GuQe4RiUoAx6BvNw',
  key_source: 'home',
  limit: '50',
  local_time: '2026-01-15T14:00:00',
  message: 'The floor sensor of Bathroom is lost.',
  model: 'ax',
  name: 'Bathroom',
  new: 'a-longer-password',
  outcome: 'ok',
  password: 'the-password',
  port: 80,
  problem: null,
  provider: 'terneo',
  provisioning_uri: 'otpauth://totp/thermo2mqtt:admin?secret=JBSWY3DPEHPK3PXP&issuer=thermo2mqtt',
  recovery_codes: 'k7xq-m2vd',
  recovery_codes_left: 10,
  refresh: 't2r_8sK2.Jv8rPq0yTn3Wc5XbLm7ZkD2sHf9GuQe4RiUoAx6BvNw.Wq3Lm9ZkD2sHf5GuXe4RiUoAx6BvNwTn7rPq0yJv8c',
  room: 'Bathroom',
  secret_key: 'JBSWY3DPEHPK3PXP',
  serial: '404CCAAAD4E8A89860609800000149',
  set: 21.5,
  setpoint_step: 0.5,
  source: 'default',
  sources: 'account:home',
  state: 'ready',
  suggested_room: null,
  summary: 'Bathroom',
  target: '404CCAAAD4E8A89860609800000149',
  temp_token: 't2t_Xb5Lm7ZkD2sHf9GuQe4RiUoAx6BvNwJv8rPq0yTn3Wc',
  temperature: 21.5,
  text: 'Brightness of the display.',
  time: '06:00',
  title: 'Bathroom',
  token: '123456',
  unset: null,
  url: 'mqtt://192.168.1.10:1883',
  user: 'admin',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  username: 'admin',
  value: 21.5,
  vendor: 'Terneo',
}

/** A floor being heated; an ax has more keys than are worth showing. */
export const STATE = {
  mode: 'auto',
  preset: 'none',
  operating_mode: 'schedule',
  action: 'heating',
  current_temperature: 22.5,
  target_temperature: 24,
  control_type: 'floor',
  floor_temperature: 22.5,
  air_temperature: null,
  load: true,
  power: 1200,
  rated_power: 1200,
  energy: 1843.2,
  lock: 'lan',
  wifi_rssi: -61,
  problem: false,
  child_lock: false,
} as const

const WEEKDAY = [
  { time: '06:00', temperature: 24 },
  { time: '08:30', temperature: 19 },
  { time: '17:00', temperature: 24 },
  { time: '22:30', temperature: 18 },
]
const WEEKEND = [
  { time: '08:00', temperature: 24 },
  { time: '23:00', temperature: 18 },
]

export const WEEK = {
  monday: WEEKDAY,
  tuesday: WEEKDAY,
  wednesday: WEEKDAY,
  thursday: WEEKDAY,
  friday: WEEKDAY,
  saturday: WEEKEND,
  sunday: WEEKEND,
}

export const SCHEDULE_COMMAND = { floor: { saturday: WEEKEND, copy: { from: 'saturday', to: ['sunday'] } } }

/** An example message for each error code. */
export const MESSAGES: Readonly<Record<ErrorCode, string>> = {
  BAD_REQUEST: 'body/target_temperature must be a number.',
  UNKNOWN_DEVICE:
    'No device has the serial 404CCAAAD4E8A89860609800000149. GET /api/v1/devices lists the known devices.',
  UNKNOWN_KEY: 'This model has nothing called colour.',
  READ_ONLY: 'floor_temperature can only be read.',
  OUT_OF_RANGE: 'target_temperature must be from 5 to 45 °C, not 99.',
  DEVICE_UNREACHABLE:
    'Nothing answers at 192.168.1.50: the thermostat is off, out of Wi-Fi or has another address. Check its power and its address.',
  DEVICE_TIMEOUT: 'The thermostat at 192.168.1.50 did not finish its answer within 5 s. Check its Wi-Fi.',
  DEVICE_BUSY: 'The thermostat is busy with another program. It is tried again later.',
  DEVICE_BAD_REPLY: 'The answer of the thermostat makes no sense.',
  DEVICE_WEDGED: 'The thermostat answers nothing any more. Cut its power for a moment.',
  LAN_LOCKED: 'The thermostat takes no unsigned commands, and there is no key to sign with.',
  LOCKED_BOTH: 'The thermostat refuses all commands, signed ones too. Lift its lock at the device itself.',
  KEY_MISSING: 'No key is held for this thermostat. Sign in to the account that lists it.',
  KEY_REJECTED: 'The thermostat takes none of the keys held for it. Synchronise the account that lists it.',
  ADDRESS_UNPROVEN:
    'Nothing was sent: the address 192.168.1.66 of the thermostat is new, and a beacon of it came from 192.168.1.50 too.',
  NOT_APPLIED: 'The thermostat accepted the command and did not follow it.',
  OUTCOME_UNKNOWN: 'The connection broke before the answer; whether the thermostat did it could not be found out.',
  CLOUD_UNREACHABLE: 'The cloud can’t be reached. Devices whose keys are held work on.',
  CLOUD_AUTH: 'The cloud refuses user name or password. Check them in the settings.',
  CLOUD_CODE_NEEDED: 'The cloud wants a code. It was sent by e-mail; give it to the account.',
  CLOUD_RATE_LIMITED: 'The cloud asked not to be called for another 60 s.',
  UNAUTHORIZED:
    'Sign-in is needed: send "Authorization: Bearer <token>", with an API token or the access token of POST /api/v1/login.',
  FORBIDDEN: 'This needs the scope admin, which this token has not.',
  RATE_LIMITED: 'Too many such requests. Try again later.',
  INTERNAL: 'Something went wrong inside the bridge; its log says what.',
}
