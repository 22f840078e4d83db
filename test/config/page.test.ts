/** What was set on the page: below the file, the environment and the flags, and never a reason not to start. */
import t from 'tap'
import { settingsView } from '../../src/config/index.ts'
import { type KeptSettings, loadSettings, type StorePlace } from '../../src/config/loading/index.ts'
import { fileOf, type Given, LOCAL } from './support.ts'

const ACCOUNT = {
  'cloud.accounts[home].provider': 'terneo',
  'cloud.accounts[home].username': 'me@example.com',
  'cloud.accounts[home].password': 'hunter2-page',
}

function load(values: Readonly<Record<string, unknown>>, given: Given = {}) {
  const { env = {}, flags = {} } = given
  const page = async () => ({ values: new Map(Object.entries(values)), warnings: [] })
  return loadSettings({ env, flags, ...fileOf(given), page })
}

t.test('the page comes before the file, the environment and the flags', async (t) => {
  const values = {
    'mqtt.url': ['mqtt://page'],
    'mqtt.username': 'page',
    'mqtt.password': 'hunter2-page',
    'homeassistant.enabled': false,
    'device.poll_interval': '30s',
  }
  const given = {
    file: 'mqtt: {username: file}',
    env: { T2M_MQTT_PASSWORD: 'hunter2-env' },
    flags: { 'homeassistant.enabled': 'true' },
  }
  const { settings, origins, warnings } = await load(values, given)
  t.match(settings, {
    mqtt: { url: ['mqtt://page'], username: 'file', password: 'hunter2-env' },
    homeassistant: { enabled: true },
    device: { poll_interval: 30_000 },
  })
  t.strictSame(
    ['mqtt.url', 'mqtt.username', 'mqtt.password', 'homeassistant.enabled', 'mqtt.ca'].map((key) => origins.get(key)),
    [
      'page',
      `configuration file ${LOCAL}`,
      'environment variable T2M_MQTT_PASSWORD',
      'flag --homeassistant.enabled',
      'default',
    ],
  )
  t.strictSame(warnings, [])
})

t.test('items of the page stand beside those of the file', async (t) => {
  const file = 'cloud: {accounts: [{provider: welrok, username: me, password: hunter2-file}]}'
  const values = { ...ACCOUNT, 'devices[ABC12345].host': '192.0.2.7', 'devices[ABC12345].power': 1200 }
  const { settings, origins, pageItems } = await load(values, { file })
  t.match(settings.cloud.accounts, [{ id: 'welrok' }, { id: 'home', provider: 'terneo', password: 'hunter2-page' }])
  t.match(settings.devices, [{ serial: 'ABC12345', host: '192.0.2.7', port: 80, power: 1200, name: null }])
  t.equal(origins.get('cloud.accounts[1].username'), 'page')
  t.strictSame(
    [...pageItems],
    [
      ['cloud.accounts[1]', { list: 'cloud.accounts', id: 'home' }],
      ['devices[0]', { list: 'devices', id: 'ABC12345' }],
    ],
  )
})

t.test('what is no setting of the page is told, and not used', async (t) => {
  const values = {
    data_dir: '/elsewhere',
    'api.host': '0.0.0.0',
    'mqtt.later_version': 1,
    'cloud.accounts': [],
    'cloud.accounts[home].later_version': 1,
    'cloud.accounts[home].id': 'other',
    'devices[../..].host': 'x',
    '__proto__[home].polluted': 1,
  }
  const { settings, warnings } = await load(values)
  t.equal(settings.data_dir, './data')
  t.equal(settings.api.host, '127.0.0.1')
  t.strictSame(settings.cloud.accounts, [])
  t.equal(warnings.length, Object.keys(values).length)
  for (const warning of warnings) t.match(warning, /It is kept but not used\.$/)
})

/** What the page gives, what is in force then, and what is said. The secret is `hunter2`. */
const LEFT_OUT: Readonly<
  Record<string, readonly [values: Record<string, unknown>, given: Given, force: object, warning: RegExp]>
> = {
  'a value that is not allowed': [
    { 'device.poll_interval': '1ms', 'device.timeout': '1s', 'homeassistant.enabled': false },
    {},
    { device: { poll_interval: 15_000, timeout: 5_000 }, homeassistant: { enabled: false } },
    /^device\.poll_interval: "1ms" is too short, from page; .*Until this is corrected, these settings of the page are left out: device\.poll_interval, device\.timeout\.$/,
  ],
  'a value of another type': [
    { 'mqtt.url': { object: 1 } },
    {},
    { mqtt: { url: [] } },
    /^mqtt\.url: a section is not an address, from page/,
  ],
  'an account with the id of one in the file': [
    ACCOUNT,
    { file: 'cloud: {accounts: [{id: home, provider: welrok, username: me, password: hunter2-file}]}' },
    { cloud: { accounts: [{ provider: 'welrok' }] } },
    /"home" is the id of cloud\.accounts\[0\] too, from page.*Until this is corrected, these settings of the page are left out: cloud\.accounts\[home\]\.$/,
  ],
  'an account without its password': [
    { ...ACCOUNT, 'cloud.accounts[home].password': undefined },
    {},
    { cloud: { accounts: [] } },
    /^cloud\.accounts\[0\]\.password: missing, from page/,
  ],
  'a device that is in the file': [
    { 'devices[ABC12345].host': '192.0.2.7' },
    { file: 'devices: [{serial: ABC12345}]' },
    { devices: [{ host: null }] },
    /left out: devices\[ABC12345\]\.$/,
  ],
  'a broker that would be open since its password cannot be read': [
    {
      'mqtt.embedded.host': '0.0.0.0',
      'mqtt.embedded.username': 'home',
      'mqtt.embedded.password': undefined,
      'mqtt.username': 'stays',
    },
    {},
    { mqtt: { username: 'stays', embedded: { host: '127.0.0.1', username: null } } },
    /mqtt\.embedded\.username: given without mqtt\.embedded\.password, from page.*: mqtt\.embedded\.host, mqtt\.embedded\.username\.$/,
  ],
}

t.test('what cannot be used is left out with a warning, and said by key', async (t) => {
  for (const [what, [values, given, force, warning]] of Object.entries(LEFT_OUT)) {
    const { settings, warnings, leftOut } = await load(values, given)
    t.match(settings, force, what)
    t.match(warnings.at(-1), warning, what)
    t.notMatch(warnings.join(), /hunter2/, what)
    t.ok(
      [...leftOut.keys()].every((key) => Object.keys(values).some((given) => given.startsWith(key))),
      what,
    )
    t.ok(leftOut.size > 0, what)
  }
})

t.test('a secret that cannot be read is told, and not taken for none', async (t) => {
  const { settings, leftOut, warnings } = await load({ 'mqtt.username': 'me', 'mqtt.password': undefined })
  t.match(settings.mqtt, { username: 'me', password: null })
  t.match([...leftOut], [['mqtt.password', /^mqtt\.password: the value can’t be read, from page; set it again there/]])
  t.equal(warnings.length, 1)
})

t.test('more items than there can be are left out', async (t) => {
  const values = Object.fromEntries(
    Array.from({ length: 33 }, (_, i) =>
      Object.entries(ACCOUNT).map(([k, v]) => [k.replace('home', `a${i}`), v]),
    ).flat(),
  )
  const { settings, warnings } = await load(values)
  t.equal(settings.cloud.accounts.length, 32)
  t.match(warnings, [/too many items, from page; allowed: at most 32/])
})

t.test('what is wrong elsewhere is refused as ever', async (t) => {
  await t.rejects(load(ACCOUNT, { file: 'device: {timeout: 1}' }), { message: /^device\.timeout: 1 is too short/ })
  await t.rejects(load({ 'mqtt.username': 'x' }, { file: 'mqtt: {cert: c}' }), {
    message: /^mqtt\.cert: given without/,
  })
})

t.test('where the store is, the page is asked, and what went wrong there is passed on', async (t) => {
  const asked: StorePlace[] = []
  const page = async (place: StorePlace): Promise<KeptSettings> => {
    asked.push(place)
    return { values: new Map(), warnings: ['damaged'] }
  }
  const given = { file: 'data_dir: /file\nstore: {key_file: /key}' }
  const { warnings } = await loadSettings({ env: {}, flags: { data_dir: '/flag' }, ...fileOf(given), page })
  t.strictSame(asked, [{ dataDir: '/flag', keyFile: '/key' }])
  t.strictSame(warnings, ['damaged'])
})

t.test('what is shown says the source, what fixes it, and no secret', async (t) => {
  const values = { ...ACCOUNT, 'mqtt.password': 'hunter2-page', 'device.poll_interval': 30_000 }
  const file = 'mqtt: {username: me}\ndevices: [{serial: ABC12345, totp_key: hunter2-01234567}]'
  const view = settingsView(await load(values, { file, env: { T2M_API_ADMIN_PASSWORD: 'hunter2-env' } }))
  t.notMatch(JSON.stringify(view), /hunter2/)
  const of = (key: string) => view.settings.find((setting) => setting.key === key)
  t.match(of('mqtt.password'), { value: null, set: true, secret: true, source: 'page', fixed: false, settable: true })
  t.match(of('mqtt.username'), { value: 'me', source: `configuration file ${LOCAL}`, fixed: true, settable: false })
  t.match(of('api.admin_password'), { value: null, set: true, settable: false })
  t.match(of('api.port'), { value: 8580, source: 'default', fixed: false, settable: false, default: 8580 })
  t.match(of('device.poll_interval'), { value: '30s', default: '15s', settable: true })
  t.match(of('mqtt.url'), { value: null, set: false, unset: 'empty: the embedded broker' })
  t.equal(of('devices'), undefined)
  t.match(view.accounts, [{ id: 'home', source: 'page', fixed: false }])
  t.match(view.devices, [{ id: 'ABC12345', source: `configuration file ${LOCAL}`, fixed: true }])
  const password = view.accounts[0]?.values.find(({ key }) => key === 'password')
  t.match(password, { value: null, set: true, secret: true, settable: true })
  t.match(
    view.accounts[0]?.values.find(({ key }) => key === 'id'),
    { settable: false },
  )
  t.match(
    view.devices[0]?.values.find(({ key }) => key === 'totp_key'),
    { value: null, set: true, settable: false },
  )
})
