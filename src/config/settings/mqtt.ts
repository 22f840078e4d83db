/** The rows of the schema for reaching a broker, or running the embedded one. */
import { BROKERS, duration, HOST, matching, PATH, PORT, TOPIC, text } from './kinds.ts'
import { optional, setting } from './setting.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

const USERNAME = text(1, 254)
const PASSWORD = text(1, 1024)
const CLIENT_ID = matching(/^[A-Za-z0-9_.:-]{1,64}$/, 'is not a client id', '1 to 64 letters, digits, _ - . or :')

export const MQTT = {
  url: setting(BROKERS, [], {
    doc: 'Addresses of the MQTT broker. The bridge tries them in turn. Without any, it runs a broker of its own.',
    env: 'T2M_MQTT_URL',
    unset: 'empty: the embedded broker',
    example: ['mqtt://localhost:1883'],
    page: true,
  }),
  username: optional(USERNAME, {
    doc: 'User name at the broker.',
    env: 'T2M_MQTT_USERNAME',
    example: 'thermo2mqtt',
    page: true,
  }),
  password: optional(PASSWORD, {
    doc: 'Password at the broker.',
    env: 'T2M_MQTT_PASSWORD',
    sensitive: true,
    example: 'change me please',
    page: true,
  }),
  ca: optional(PATH, {
    doc: 'File with the certificates (PEM) against which the bridge checks the broker’s certificate.',
    env: 'T2M_MQTT_CA',
    unset: 'the system’s certificates',
    example: '/etc/thermo2mqtt/ca.pem',
    page: true,
  }),
  cert: optional(PATH, {
    doc: 'File with the client certificate (PEM). Needs key.',
    env: 'T2M_MQTT_CERT',
    example: '/etc/thermo2mqtt/client.pem',
    page: true,
  }),
  key: optional(PATH, {
    doc: 'File with the private key (PEM) of the client certificate.',
    env: 'T2M_MQTT_KEY',
    example: '/etc/thermo2mqtt/client.key',
    page: true,
  }),
  client_id: optional(CLIENT_ID, {
    doc: 'Client id at the broker. Two clients with the same id disconnect each other.',
    env: 'T2M_MQTT_CLIENT_ID',
    unset: 'chosen by the bridge',
    example: 'thermo2mqtt-home',
  }),
  base_topic: setting(TOPIC, 'thermo2mqtt', {
    doc: 'First part of every topic of the bridge.',
    env: 'T2M_MQTT_BASE_TOPIC',
  }),
  command_expiry: setting(duration(SECOND, 30 * DAY), 10 * MINUTE, {
    doc: 'How long a command may wait at the broker while the bridge is away. The bridge answers an older one with an error, or the broker drops it.',
    env: 'T2M_MQTT_COMMAND_EXPIRY',
    page: true,
  }),
  embedded: {
    host: setting(HOST, '127.0.0.1', {
      doc: 'Address that the embedded broker listens on.',
      env: 'T2M_MQTT_EMBEDDED_HOST',
      page: true,
    }),
    port: setting(PORT, 1883, {
      doc: 'Port of the embedded broker.',
      env: 'T2M_MQTT_EMBEDDED_PORT',
      page: true,
    }),
    username: optional(USERNAME, {
      doc: 'User name for the embedded broker. Needs password.',
      env: 'T2M_MQTT_EMBEDDED_USERNAME',
      unset: 'everybody may connect',
      example: 'home',
      page: true,
    }),
    password: optional(PASSWORD, {
      doc: 'Password for the embedded broker. It needs at least 8 characters if the broker listens to the network.',
      env: 'T2M_MQTT_EMBEDDED_PASSWORD',
      sensitive: true,
      example: 'change me please',
      page: true,
    }),
  },
}
