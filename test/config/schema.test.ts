import t from 'tap'
import { describeSettings, maskedSettings, secretsOf } from '../../src/config/documents/describe.ts'
import { ACCOUNT, DEVICE } from '../../src/config/settings/accounts.ts'
import { fitSchema } from '../../src/config/settings/convict.ts'
import { SCHEMA } from '../../src/config/settings/index.ts'
import { leaves } from '../../src/config/settings/setting.ts'
import { isSecretField, MASK } from '../../src/core/logging/secrets.ts'
import { load } from './support.ts'

/** The settings as they were agreed: key, environment variable, default. */
const AGREED: readonly [string, string | undefined, unknown][] = [
  ['data_dir', 'T2M_DATA_DIR', './data'],
  ['site', 'T2M_SITE', ''],
  ['locale', 'T2M_LOCALE', 'en'],
  ['cloud.accounts', undefined, []],
  ['cloud.sync_interval', 'T2M_CLOUD_SYNC_INTERVAL', 21_600_000],
  ['devices', undefined, []],
  ['discovery.enabled', 'T2M_DISCOVERY_ENABLED', true],
  ['discovery.host', 'T2M_DISCOVERY_HOST', '0.0.0.0'],
  ['discovery.port', 'T2M_DISCOVERY_PORT', 23500],
  ['device.poll_interval', 'T2M_DEVICE_POLL_INTERVAL', 15_000],
  ['device.timeout', 'T2M_DEVICE_TIMEOUT', 5_000],
  ['device.min_spacing', 'T2M_DEVICE_MIN_SPACING', 500],
  ['device.keep_alive', 'T2M_DEVICE_KEEP_ALIVE', false],
  ['mqtt.url', 'T2M_MQTT_URL', []],
  ['mqtt.username', 'T2M_MQTT_USERNAME', null],
  ['mqtt.password', 'T2M_MQTT_PASSWORD', null],
  ['mqtt.ca', 'T2M_MQTT_CA', null],
  ['mqtt.cert', 'T2M_MQTT_CERT', null],
  ['mqtt.key', 'T2M_MQTT_KEY', null],
  ['mqtt.client_id', 'T2M_MQTT_CLIENT_ID', null],
  ['mqtt.base_topic', 'T2M_MQTT_BASE_TOPIC', 'thermo2mqtt'],
  ['mqtt.command_expiry', 'T2M_MQTT_COMMAND_EXPIRY', 600_000],
  ['mqtt.embedded.host', 'T2M_MQTT_EMBEDDED_HOST', '127.0.0.1'],
  ['mqtt.embedded.port', 'T2M_MQTT_EMBEDDED_PORT', 1883],
  ['mqtt.embedded.username', 'T2M_MQTT_EMBEDDED_USERNAME', null],
  ['mqtt.embedded.password', 'T2M_MQTT_EMBEDDED_PASSWORD', null],
  ['native_mqtt.enabled', 'T2M_NATIVE_MQTT_ENABLED', false],
  ['native_mqtt.topics', 'T2M_NATIVE_MQTT_TOPICS', ['terneo/{serial}', 'welrok/{serial}']],
  ['native_mqtt.command_topic', 'T2M_NATIVE_MQTT_COMMAND_TOPIC', null],
  ['native_mqtt.commands', 'T2M_NATIVE_MQTT_COMMANDS', 'lan'],
  ['native_mqtt.poll_interval', 'T2M_NATIVE_MQTT_POLL_INTERVAL', 60_000],
  ['homeassistant.enabled', 'T2M_HOMEASSISTANT_ENABLED', true],
  ['homeassistant.discovery_prefix', 'T2M_HOMEASSISTANT_DISCOVERY_PREFIX', 'homeassistant'],
  ['homeassistant.status_topic', 'T2M_HOMEASSISTANT_STATUS_TOPIC', 'homeassistant/status'],
  ['homie.enabled', 'T2M_HOMIE_ENABLED', false],
  ['homie.domain', 'T2M_HOMIE_DOMAIN', 'homie'],
  ['wirenboard.enabled', 'T2M_WIRENBOARD_ENABLED', false],
  ['wirenboard.prefix', 'T2M_WIRENBOARD_PREFIX', 'thermo2mqtt'],
  ['history.enabled', 'T2M_HISTORY_ENABLED', true],
  ['history.keep', 'T2M_HISTORY_KEEP', 315_360_000_000],
  ['energy.price', 'T2M_ENERGY_PRICE', null],
  ['energy.night_price', 'T2M_ENERGY_NIGHT_PRICE', null],
  ['energy.night_from', 'T2M_ENERGY_NIGHT_FROM', '23:00'],
  ['energy.night_to', 'T2M_ENERGY_NIGHT_TO', '07:00'],
  ['energy.currency', 'T2M_ENERGY_CURRENCY', 'UAH'],
  ['guardian.enabled', 'T2M_GUARDIAN_ENABLED', true],
  ['updates.check', 'T2M_UPDATES_CHECK', true],
  ['backup.passphrase', 'T2M_BACKUP_PASSPHRASE', null],
  ['backup.folder', 'T2M_BACKUP_FOLDER', null],
  ['backup.keep', 'T2M_BACKUP_KEEP', 7],
  ['messages.about', 'T2M_MESSAGES_ABOUT', ['findings', 'faults', 'offline', 'locks', 'accounts', 'storage']],
  ['messages.quiet_from', 'T2M_MESSAGES_QUIET_FROM', null],
  ['messages.quiet_to', 'T2M_MESSAGES_QUIET_TO', null],
  ['messages.repeat', 'T2M_MESSAGES_REPEAT', null],
  ['messages.resolved', 'T2M_MESSAGES_RESOLVED', true],
  ['messages.ntfy.topic_url', 'T2M_MESSAGES_NTFY_TOPIC_URL', null],
  ['messages.ntfy.token', 'T2M_MESSAGES_NTFY_TOKEN', null],
  ['messages.telegram.token', 'T2M_MESSAGES_TELEGRAM_TOKEN', null],
  ['messages.telegram.chat', 'T2M_MESSAGES_TELEGRAM_CHAT', null],
  ['messages.email.host', 'T2M_MESSAGES_EMAIL_HOST', null],
  ['messages.email.port', 'T2M_MESSAGES_EMAIL_PORT', null],
  ['messages.email.tls', 'T2M_MESSAGES_EMAIL_TLS', 'starttls'],
  ['messages.email.ca', 'T2M_MESSAGES_EMAIL_CA', null],
  ['messages.email.user', 'T2M_MESSAGES_EMAIL_USER', null],
  ['messages.email.password', 'T2M_MESSAGES_EMAIL_PASSWORD', null],
  ['messages.email.from', 'T2M_MESSAGES_EMAIL_FROM', null],
  ['messages.email.to', 'T2M_MESSAGES_EMAIL_TO', []],
  ['messages.webhook.hook_url', 'T2M_MESSAGES_WEBHOOK_HOOK_URL', null],
  ['messages.webhook.template', 'T2M_MESSAGES_WEBHOOK_TEMPLATE', null],
  ['api.host', 'T2M_API_HOST', '127.0.0.1'],
  ['api.port', 'T2M_API_PORT', 8580],
  ['api.admin_password', 'T2M_API_ADMIN_PASSWORD', null],
  ['api.trust_proxy', 'T2M_API_TRUST_PROXY', false],
  ['api.hosts', 'T2M_API_HOSTS', []],
  ['api.base_path', 'T2M_API_BASE_PATH', ''],
  ['api.ingress.proxy', 'T2M_API_INGRESS_PROXY', null],
  ['api.ingress.users', 'T2M_API_INGRESS_USERS', []],
  ['api.ingress.role', 'T2M_API_INGRESS_ROLE', 'administer'],
  ['api.ingress.administrators', 'T2M_API_INGRESS_ADMINISTRATORS', []],
  ['api.public_url', 'T2M_API_PUBLIC_URL', null],
  ['api.allowed_origins', 'T2M_API_ALLOWED_ORIGINS', []],
  ['api.tls.cert', 'T2M_API_TLS_CERT', null],
  ['api.tls.key', 'T2M_API_TLS_KEY', null],
  ['log.level', 'T2M_LOG_LEVEL', 'info'],
  ['log.format', 'T2M_LOG_FORMAT', 'auto'],
  ['store.key_file', 'T2M_STORE_KEY_FILE', null],
]

t.test('every agreed setting is there, and no other', async (t) => {
  const declared = [...leaves(SCHEMA)].map(({ key, row }) => [key, row.env, row.default])
  t.same(declared, AGREED)
  t.same(
    [...leaves(ACCOUNT)].flatMap(({ key, row }) => (row.env === undefined ? [] : [[key, row.env]])),
    [
      ['provider', 'T2M_CLOUD_PROVIDER'],
      ['username', 'T2M_CLOUD_USERNAME'],
      ['password', 'T2M_CLOUD_PASSWORD'],
      ['url', 'T2M_CLOUD_URL'],
      ['totp_secret', 'T2M_CLOUD_TOTP_SECRET'],
    ],
  )
})

t.test('the loaded settings hold every key with its default', async (t) => {
  const { settings } = await load({})
  for (const [key, , value] of AGREED) {
    const found = key.split('.').reduce<unknown>((held, name) => Object(held)[name], settings)
    t.same(found, value, key)
  }
})

t.test('what the schema calls secret is what the filter of secrets masks, and nothing else', async (t) => {
  for (const section of [SCHEMA, ACCOUNT, DEVICE]) {
    for (const { key, row } of leaves(section)) {
      t.equal(isSecretField(key.slice(key.lastIndexOf('.') + 1)), row.sensitive, key)
    }
  }
})

const SECRETS = {
  file: [
    'cloud: {accounts: [{provider: terneo, username: me, password: secret-1, totp_secret: JBSWY3DPEHPK3PXP}]}',
    'devices: [{serial: abcd1, totp_key: AAD4EXAJX4E8A8XT, host: 10.0.0.9}]',
    'mqtt: {url: [mqtt://a, mqtt://b], username: " me", password: secret-2, embedded: {username: u, password: secret-3}}',
    'api: {admin_password: secret-4}',
  ].join('\n'),
}
const VALUES = ['secret-1', 'JBSWY3DPEHPK3PXP', 'AAD4EXAJX4E8A8XT', 'secret-2', 'secret-3', 'secret-4']

t.test('no secret is shown, and all are known to the filter', async (t) => {
  const loaded = await load(SECRETS)
  const lines = describeSettings(loaded)
  const masked = JSON.stringify(maskedSettings(loaded.settings))
  for (const secret of VALUES) {
    t.notMatch(lines.join('\n'), secret)
    t.notMatch(masked, secret)
  }
  t.equal(masked.split(MASK).length - 1, VALUES.length)
  t.same(secretsOf(loaded.settings), VALUES)
})

t.test('settings in force, line by line', async (t) => {
  const lines = describeSettings(await load({ ...SECRETS, env: { T2M_DEVICE_TIMEOUT: '1500' } }))
  const expected = [
    'data_dir = ./data  (default)',
    'device.timeout = 1500ms  (environment variable T2M_DEVICE_TIMEOUT)',
    'mqtt.url = mqtt://a, mqtt://b  (configuration file /home/bridge/config/local.yaml)',
    'mqtt.username = " me"  (configuration file /home/bridge/config/local.yaml)',
    'mqtt.password = ********  (configuration file /home/bridge/config/local.yaml)',
    'mqtt.ca = not set: the system’s certificates  (default)',
    'mqtt.cert = not set  (default)',
    'devices[0].host = 10.0.0.9  (configuration file /home/bridge/config/local.yaml)',
    'devices[0].port = 80  (default)',
  ]
  for (const line of expected) t.ok(lines.includes(line), line)
  t.ok(describeSettings(await load({})).includes('devices = not set: none; discovery finds the rest  (default)'))
})

t.test('convict holds the same limits, and does not repeat values', async (t) => {
  const bad = [
    { api: { port: 'secret-5' } },
    { api: { nothing: 'secret-5' } },
    { log: { level: 'secret-5' } },
    { devices: 'secret-5' },
    { devices: [{ serial: 'abcd1', totp_key: 'secret-5' }] },
    { device: { timeout: 1 } },
  ]
  for (const values of bad) {
    try {
      fitSchema(SCHEMA, values)
      t.fail(`took ${JSON.stringify(values)}`)
    } catch (error) {
      t.match(String(error), /do not fit their schema/)
      t.notMatch(String(error), /secret-5/)
    }
  }
  t.equal(fitSchema(SCHEMA, {}).api.port, 8580)
})

t.test('a setting can be given by its variable and by its flag', async (t) => {
  const given = new Map([...leaves(SCHEMA)].flatMap(({ key, row }) => (row.items ? [] : [[key, row] as const])))
  const sample = (key: string) => {
    const row = given.get(key)
    const written = row?.example ?? (row?.show ? row.show(row.default) : row?.default)
    return Array.isArray(written) ? written.join(',') : String(written)
  }
  const flags = Object.fromEntries([...given.keys()].map((key) => [key, sample(key)]))
  const env = Object.fromEntries([...given].map(([key, row]) => [row.env ?? '', sample(key)]))
  t.same((await load({ flags })).settings, (await load({ env })).settings)
  t.same((await load({ env })).settings.mqtt.url, ['mqtt://localhost:1883'])
})
