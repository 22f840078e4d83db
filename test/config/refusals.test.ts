/** Every bad name and value, with the one line that it gives. */
import t from 'tap'
import { SCHEMA } from '../../src/config/settings/index.ts'
import { type Case, checkRefusals, LOCAL, refusal } from './support.ts'

const FILE = `configuration file ${LOCAL}`
const SECTIONS = Object.keys(SCHEMA).join(', ')
const LEVELS = 'trace, debug, info, warn, error, fatal, silent'
const PROVIDERS = 'terneo, welrok, bearer, omnitron, txty'
const UNITS = '(units ms, s, m, h, d; milliseconds without a unit)'
const ME = 'username: me, password: hunter2'

const account = (text: string): string => `cloud:\n  accounts:\n    - {${text}}\n`

const CASES: Readonly<Record<string, Case>> = {
  'unknown key': [
    { file: 'log:\n  levle: info\n' },
    `log.levle: unknown setting, from ${FILE}:2; did you mean log.level?; allowed: log.level, log.format`,
  ],
  'unknown section': [{ file: 'colours: {a: 1}' }, `colours: unknown setting, from ${FILE}:1; allowed: ${SECTIONS}`],
  'a setting without its section': [
    { file: 'poll_interval: 15s' },
    `poll_interval: unknown setting, from ${FILE}:1; did you mean device.poll_interval?; allowed: ${SECTIONS}`,
  ],
  'unknown key in an account': [
    { file: account(`provider: terneo, ${ME}, pasword: x`) },
    `cloud.accounts[0].pasword: unknown setting, from ${FILE}:3; did you mean cloud.accounts[0].password?; allowed: ${[
      'id',
      'provider',
      'username',
      'username_field',
      'password',
      'url',
      'totp_secret',
      'allow_insecure',
      'devices',
    ]
      .map((name) => `cloud.accounts[0].${name}`)
      .join(', ')}`,
  ],
  'prototype pollution': [
    { file: 'log: {__proto__: {level: debug}}' },
    `log.__proto__: unknown setting, from ${FILE}:1; allowed: log.level, log.format`,
  ],
  'prototype pollution by JSON': [
    { file: '{"log": {"constructor": {"prototype": {"a": 1}}}}' },
    `log.constructor: unknown setting, from ${FILE}:1; allowed: log.level, log.format`,
  ],
  'unknown variable': [
    { env: { T2M_MQTT_ULR: 'x' } },
    'T2M_MQTT_ULR: unknown setting, from environment variable T2M_MQTT_ULR; did you mean T2M_MQTT_URL?; allowed: the variables in config/README.md',
  ],
  '_FILE of something that is no secret': [
    { env: { T2M_LOG_LEVEL_FILE: '/x' } },
    'T2M_LOG_LEVEL_FILE: unknown setting, from environment variable T2M_LOG_LEVEL_FILE; only secrets can be read from files, set T2M_LOG_LEVEL itself; allowed: the variables in config/README.md',
  ],
  'unknown flag': [
    { flags: { 'mqtt.urls': 'x' } },
    'mqtt.urls: unknown setting, from flag --mqtt.urls; did you mean mqtt.url?; allowed: the settings in config/README.md',
  ],
  'a section as a flag': [
    { flags: { mqtt: 'x' } },
    'mqtt: unknown setting, from flag --mqtt; allowed: the settings in config/README.md',
  ],
  'a list as a flag': [
    { flags: { 'cloud.accounts': '[]' } },
    'cloud.accounts: "[]" is not a list, from flag --cloud.accounts; allowed: a list of at most 32, in the configuration file or on the page',
  ],
  'a list as a flag, with a file': [
    { file: '{}', flags: { devices: 'x' } },
    'devices: "x" is not a list, from flag --devices; allowed: a list of at most 1000, in the configuration file or on the page',
  ],
  'text for a port': [
    { file: 'api:\n  port: high\n' },
    `api.port: "high" is not a port, from ${FILE}:2; allowed: a port, 0 to 65535 (0: any free one)`,
  ],
  'more than digits for a port': [
    { env: { T2M_MQTT_EMBEDDED_PORT: '80abc' } },
    'mqtt.embedded.port: "80abc" is not a port, from environment variable T2M_MQTT_EMBEDDED_PORT; allowed: a port, 0 to 65535 (0: any free one)',
  ],
  'port out of range': [
    { flags: { 'api.port': '65536' } },
    'api.port: "65536" is not a port, from flag --api.port; allowed: a port, 0 to 65535 (0: any free one)',
  ],
  'neither true nor false': [
    { env: { T2M_DISCOVERY_ENABLED: 'maybe' } },
    'discovery.enabled: "maybe" is neither true nor false, from environment variable T2M_DISCOVERY_ENABLED; allowed: true or false',
  ],
  'a number for text': [
    { file: 'mqtt:\n  username: 12345\n' },
    `mqtt.username: 12345 is a number, not text: put it in quotes, from ${FILE}:2; allowed: text of 1 to 254 characters`,
  ],
  'a number for a secret': [
    { file: 'mqtt:\n  password: 12345\n' },
    `mqtt.password: the value is a number, not text: put it in quotes, from ${FILE}:2; allowed: text of 1 to 1024 characters`,
  ],
  'a section for a value': [
    { file: 'log:\n  level: {a: 1}\n' },
    `log.level: a section is not one of the choices, from ${FILE}:2; allowed: ${LEVELS}`,
  ],
  'a list for a value': [
    { file: 'mqtt:\n  username: [a]\n' },
    `mqtt.username: a list is not text, from ${FILE}:2; allowed: text of 1 to 254 characters`,
  ],
  'a value for a section': [
    { file: 'log: debug' },
    `log: not a section, from ${FILE}:1; allowed: a section with level, format`,
  ],
  'a section for a list': [
    { file: 'devices: {serial: abcd1}' },
    `devices: a section is not a list, from ${FILE}:1; allowed: a list of at most 1000, in the configuration file or on the page`,
  ],
  'a list for everything': [
    { file: '- a' },
    `the settings: not a section, from ${FILE}:1; allowed: a section with ${SECTIONS}`,
  ],
  'a value for an account': [
    { file: 'cloud: {accounts: [hunter2]}' },
    `cloud.accounts[0]: not a section, from ${FILE}:1; allowed: a section with id, provider, username, username_field, password, url, totp_secret, allow_insecure, devices`,
  ],
  'too many accounts': [
    { file: `cloud: {accounts: [${Array(33).fill('{}').join(',')}]}` },
    `cloud.accounts: 33 items are too many, from ${FILE}:1; allowed: a list of at most 32, in the configuration file or on the page`,
  ],
  'not one of the choices': [
    { env: { T2M_LOG_LEVEL: 'loud' } },
    `log.level: "loud" is not one of the choices, from environment variable T2M_LOG_LEVEL; allowed: ${LEVELS}`,
  ],
  'no duration': [
    { env: { T2M_DEVICE_TIMEOUT: 'soon' } },
    `device.timeout: "soon" is not a duration, from environment variable T2M_DEVICE_TIMEOUT; allowed: a duration of 500ms to 1m ${UNITS}`,
  ],
  'duration too short': [
    { env: { T2M_DEVICE_POLL_INTERVAL: '1s' } },
    `device.poll_interval: "1s" is too short, from environment variable T2M_DEVICE_POLL_INTERVAL; allowed: a duration of 2s to 1h ${UNITS}`,
  ],
  'duration too long': [
    { file: 'cloud:\n  sync_interval: 31d\n' },
    `cloud.sync_interval: "31d" is too long, from ${FILE}:2; allowed: a duration of 5m to 30d ${UNITS}`,
  ],
  'bad host': [
    { env: { T2M_API_HOST: '300.1.1.1' } },
    'api.host: "300.1.1.1" is not a host, from environment variable T2M_API_HOST; allowed: a host name or an IP address',
  ],
  'bad topic': [
    { env: { T2M_MQTT_BASE_TOPIC: 'home/#' } },
    'mqtt.base_topic: "home/#" is not a topic, from environment variable T2M_MQTT_BASE_TOPIC; allowed: letters, digits, _ - . separated by /, without + and #, up to 128 characters',
  ],
  'bad broker address': [
    { env: { T2M_MQTT_URL: 'http://broker' } },
    'mqtt.url: "http://broker" is not the address of a broker, from environment variable T2M_MQTT_URL; allowed: mqtt://host:port, mqtts://, ws:// or wss://, several as a list or separated by commas, or empty',
  ],
  'password in a broker address': [
    { flags: { 'mqtt.url': 'mqtt://me:hunter2@broker' } },
    'mqtt.url: the value must not contain a user name or password: put them in mqtt.username and mqtt.password, from flag --mqtt.url; allowed: mqtt://host:port, mqtts://, ws:// or wss://, several as a list or separated by commas, or empty',
  ],
  'bad cloud address': [
    { file: account(`provider: terneo, ${ME}, url: my.hmarex.com`) },
    `cloud.accounts[0].url: "my.hmarex.com" is not an http(s) address, from ${FILE}:3; allowed: an address such as https://cloud.example`,
  ],
  'password in a cloud address': [
    { file: account(`provider: terneo, ${ME}, url: "https://me:hunter2@c.example"`) },
    `cloud.accounts[0].url: the value must not contain a user name or password: put them in username and password, from ${FILE}:3; allowed: an address such as https://cloud.example`,
  ],
  'password over plain HTTP': [
    { file: account(`provider: terneo, ${ME}, url: "http://c.example"`) },
    `cloud.accounts[0].url: the password would be sent unencrypted, from ${FILE}; allowed: https://, or http:// with allow_insecure: true`,
  ],
  'no address where none is known': [
    { file: account(`provider: omnitron, ${ME}`) },
    'cloud.accounts[0].url: missing for provider omnitron, from configuration file /home/bridge/config/local.yaml; allowed: the address of its server, such as https://cloud.example',
  ],
  'unknown provider': [
    { env: { T2M_CLOUD_PROVIDER: 'acme', T2M_CLOUD_USERNAME: 'me', T2M_CLOUD_PASSWORD: 'hunter2' } },
    `cloud.accounts[0].provider: "acme" is not one of the choices, from environment variable T2M_CLOUD_PROVIDER; allowed: ${PROVIDERS}`,
  ],
  'an account without provider': [
    { env: { T2M_CLOUD_USERNAME: 'me', T2M_CLOUD_PASSWORD: 'hunter2' } },
    `cloud.accounts: provider missing, from environment variable T2M_CLOUD_USERNAME; allowed: with it T2M_CLOUD_PROVIDER as one of ${PROVIDERS}`,
  ],
  'an account without password': [
    { env: { T2M_CLOUD_PROVIDER: 'terneo', T2M_CLOUD_USERNAME: 'me' } },
    'cloud.accounts[0].password: missing, from the environment; allowed: T2M_CLOUD_PASSWORD as text of 1 to 1024 characters',
  ],
  'an account of the file without password': [
    { file: account('provider: terneo, username: me') },
    `cloud.accounts[0].password: missing, from ${FILE}:3; allowed: text of 1 to 1024 characters`,
  ],
  'an account of the file without anything': [
    { file: account('') },
    `cloud.accounts[0].provider: missing, from ${FILE}:3; allowed: ${PROVIDERS}`,
  ],
  'two accounts with one id': [
    { file: `${account(`id: home, provider: terneo, ${ME}`)}    - {id: home, provider: welrok, ${ME}}\n` },
    `cloud.accounts[1].id: "home" is the id of cloud.accounts[0] too, from ${FILE}; allowed: a different id for each account; without an id, the provider is the id`,
  ],
  'two accounts of one provider': [
    { file: `${account(`provider: terneo, ${ME}`)}    - {provider: terneo, ${ME}}\n` },
    'cloud.accounts[1].id: "terneo" is the id of cloud.accounts[0] too, from default; allowed: a different id for each account; without an id, the provider is the id',
  ],
  'bad serial': [
    { file: 'devices:\n  - serial: a/b+#\n' },
    `devices[0].serial: "a/b+#" is not a serial number, from ${FILE}:2; allowed: 4 to 64 letters, digits, _ or -, at least one digit, as shown by the device and the vendor’s app`,
  ],
  'a serial as a number': [
    { file: 'devices:\n  - serial: 404000000000000000000000000000\n' },
    `devices[0].serial: 4.04e+29 is a number, not text: put it in quotes, from ${FILE}:2; allowed: 4 to 64 letters, digits, _ or -, at least one digit, as shown by the device and the vendor’s app`,
  ],
  'two devices with one serial': [
    { file: 'devices: [{serial: abcd1}, {serial: " ABCD1"}]' },
    `devices[1].serial: "ABCD1" is the serial of devices[0] too, from ${FILE}; allowed: each device once`,
  ],
  'port 0 of a device': [
    { file: 'devices: [{serial: abcd1, port: 0}]' },
    `devices[0].port: 0 is not a port, from ${FILE}:1; allowed: a port, 1 to 65535`,
  ],
  'a key that is too short': [
    { file: 'devices: [{serial: abcd1, totp_key: AAD4EXAJX4E8A8X}]' },
    `devices[0].totp_key: the value is not 16 printable ASCII characters, from ${FILE}:1; allowed: 16 printable ASCII characters`,
  ],
  'a second factor that is no base32': [
    { file: account(`provider: terneo, ${ME}, totp_secret: 0189018901890189`) },
    `cloud.accounts[0].totp_secret: the value is a number, not text: put it in quotes, from ${FILE}:3; allowed: 16 to 256 characters of base32 (A to Z, 2 to 7)`,
  ],
  'an admin password that guessers try first': [
    { env: { T2M_API_ADMIN_PASSWORD: 'Passw0rd2024' } },
    'api.admin_password: the value is a common password, which attackers try first, from environment variable T2M_API_ADMIN_PASSWORD; allowed: text of 8 to 256 characters, and not a common password',
  ],
  'admin password too short': [
    { env: { T2M_API_ADMIN_PASSWORD: 'hunter2' } },
    'api.admin_password: the value is shorter than 8 characters, from environment variable T2M_API_ADMIN_PASSWORD; allowed: text of 8 to 256 characters, and not a common password',
  ],
  'admin password too long': [
    { env: { T2M_API_ADMIN_PASSWORD: 'hunter2'.repeat(50) } },
    'api.admin_password: the value is longer than 256 characters, from environment variable T2M_API_ADMIN_PASSWORD; allowed: text of 8 to 256 characters, and not a common password',
  ],
  'an empty path': [
    { flags: { data_dir: '' } },
    'data_dir: "" is empty, from flag --data_dir; allowed: the path of a file or folder',
  ],
  'control characters': [
    { env: { T2M_MQTT_USERNAME: 'a\u001b[31m' } },
    'mqtt.username: the value contains control characters, from environment variable T2M_MQTT_USERNAME; allowed: text of 1 to 254 characters',
  ],
  'a certificate without its key': [
    { env: { T2M_MQTT_CERT: '/c.pem' } },
    'mqtt.cert: given without mqtt.key, from environment variable T2M_MQTT_CERT; allowed: both or neither',
  ],
  'a password without a name': [
    { env: { T2M_MQTT_EMBEDDED_PASSWORD: 'hunter2' } },
    'mqtt.embedded.password: given without mqtt.embedded.username, from environment variable T2M_MQTT_EMBEDDED_PASSWORD; allowed: both or neither',
  ],
  'an embedded broker that anybody on the network could use': [
    { env: { T2M_MQTT_EMBEDDED_HOST: '0.0.0.0' } },
    'mqtt.embedded.host: "0.0.0.0" without mqtt.embedded.username would let anybody on the network control the thermostats, from environment variable T2M_MQTT_EMBEDDED_HOST; allowed: 127.0.0.1, or any with both mqtt.embedded.username and mqtt.embedded.password',
  ],
  'a short password for the embedded broker on the network': [
    {
      env: {
        T2M_MQTT_EMBEDDED_HOST: '0.0.0.0',
        T2M_MQTT_EMBEDDED_USERNAME: 'home',
        T2M_MQTT_EMBEDDED_PASSWORD: 'hunter2',
      },
    },
    'mqtt.embedded.password: too short for mqtt.embedded.host 0.0.0.0, where anybody on the network can try to guess it, from environment variable T2M_MQTT_EMBEDDED_PASSWORD; allowed: at least 8 characters, or mqtt.embedded.host 127.0.0.1',
  ],
}

checkRefusals(t, CASES)

t.test('names that would write to a terminal are shown without their control characters', async (t) => {
  const said = await refusal({ flags: { 'a\u001b[31m\nb': 'x' } })
  t.match(said, /^a \[31m b: unknown setting/)
})
