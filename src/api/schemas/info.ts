/** The bridge and the state of its parts, as JSON Schema. */
import type { Static } from 'typebox'
import * as Type from 'typebox'

const count = (description: string, example: number) => Type.Integer({ minimum: 0, description, examples: [example] })

const text = (description: string, example: string) => Type.String({ description, examples: [example] })

export type BridgeInfoJson = Static<ReturnType<typeof infoSchema>>
/** What the parts that REST does not see report about themselves. */
export type SystemState = Pick<BridgeInfoJson, 'mqtt' | 'discovery' | 'store' | 'homeassistant' | 'backup' | 'messages'>

const UNCONFIRMED = [
  'empty',
  'timeout',
  'unreachable',
  'busy',
  'other_device',
  'no_thermostat',
  'nameless',
  'gateway',
] as const

const PROBLEMS = ['full', 'read_only', 'damaged', 'busy', 'failed'] as const

const mqtt = () =>
  Type.Object({
    embedded: Type.Boolean({ description: 'Whether the broker is the bridge’s own.', examples: [true] }),
    connected: Type.Boolean({ examples: [true] }),
    address: text(
      'The connected broker, or the one being tried now, without user name and password.',
      'mqtt://127.0.0.1:1883',
    ),
    since: Type.String({ format: 'date-time', description: 'When `connected` last changed.' }),
    base_topic: text('The prefix of the topics.', 'thermo2mqtt'),
    received: count('Messages received.', 120),
    sent: count('Messages published.', 4096),
    dropped: count('Messages that were of no use or could not be kept.', 0),
    waiting: count('Answers that the broker may not have read yet.', 0),
  })

const discovery = () =>
  Type.Object({
    enabled: Type.Boolean({ description: 'Whether discovery is enabled in the settings.', examples: [true] }),
    listening: Type.Boolean({ description: 'Whether the bridge is listening for beacons.', examples: [true] }),
    address: Type.Union([Type.String({ examples: ['0.0.0.0:23500'] }), Type.Null()], {
      description: 'Address on which the bridge listens for beacons; null if discovery is off.',
    }),
    dropped: count('Broadcasts that were ignored.', 3),
    unconfirmed: Type.Array(
      Type.Object({
        serial: text('The serial in the broadcasts.', '404CCAAAD4E8A89860609800000149'),
        host: text('Their sender.', '172.17.0.1'),
        hw: Type.Union([Type.String({ examples: ['oz'] }), Type.Null()], {
          description: 'The model in the broadcasts.',
        }),
        reason: Type.Unsafe<(typeof UNCONFIRMED)[number]>(Type.Enum([...UNCONFIRMED])),
        message: text(
          'The problem, and what to do.',
          'The thermostat 404CCAAAD4E8A89860609800000149 is heard from 172.17.0.1, but can’t be confirmed: nothing answers there.',
        ),
        since: Type.String({ format: 'date-time', description: 'When the bridge first asked it without success.' }),
      }),
      {
        description:
          'Thermostats that are heard but could not be confirmed, so they are not among the devices; 64 at most.',
      },
    ),
  })

const store = () =>
  Type.Object({
    ok: Type.Boolean({ description: 'Whether new data can be saved.', examples: [true] }),
    problem: Type.Union([Type.Unsafe<(typeof PROBLEMS)[number]>(Type.Enum([...PROBLEMS])), Type.Null()], {
      description: 'The problem; null if there is none.',
      examples: [null],
    }),
    size: Type.Union([Type.Integer({ minimum: 0, examples: [348160] }), Type.Null()], {
      description: 'Bytes of the database; null when it can’t be read.',
    }),
  })

const update = () =>
  Type.Object({
    available: Type.Boolean({ description: 'Whether it is newer than the one that runs.', examples: [true] }),
    latest_version: text('The newest version.', '0.2.0'),
    release_url: text('Its notes.', 'https://github.com/thermo2mqtt/thermo2mqtt/releases/tag/v0.2.0'),
    release_summary: text('The beginning of its notes; may be empty.', 'Boost in Home Assistant’s dashboard.'),
  })

const messages = () =>
  Type.Object({
    enabled: Type.Boolean({ description: 'Whether a way for messages to people is set up.', examples: [true] }),
    waiting: count('Messages that wait to be sent.', 0),
    failing: Type.Array(Type.String(), {
      description: 'The ways that have not taken the last message.',
      examples: [[]],
    }),
  })

const backup = () =>
  Type.Object({
    enabled: Type.Boolean({ description: 'Whether the bridge makes a backup each day.', examples: [true] }),
    last: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When the newest of these was made; null if there is none.',
    }),
    failing: Type.Boolean({ description: 'Whether the last try has failed; the log says why.', examples: [false] }),
  })

export function infoSchema() {
  return Type.Object(
    {
      version: text('Version of the bridge.', '0.1.0'),
      site: Type.Optional(text('The name of its site; left out if it has none.', 'kyiv-1')),
      node: text('Version of Node.js that it runs on.', '24.21.0'),
      timezone: text('IANA name of the time zone of the bridge, which the house goes by.', 'Europe/Kyiv'),
      started: Type.String({ format: 'date-time' }),
      uptime: Type.Number({ minimum: 0, description: 'Seconds since it started.', examples: [86400.5] }),
      memory: count('Memory of the process, in bytes.', 104857600),
      devices: Type.Object({ total: count('Known devices.', 12), online: count('Of these, online.', 11) }),
      accounts: Type.Object({
        total: count('Cloud accounts.', 1),
        ready: count('Of these, signed in and in order.', 1),
      }),
      mqtt: mqtt(),
      homeassistant: Type.Object({
        enabled: Type.Boolean({ description: 'Whether devices are announced to Home Assistant.', examples: [true] }),
        seen: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
          description:
            'When Home Assistant last said at the broker that it runs, which it does when it starts and when its MQTT integration is loaded; null if never.',
        }),
      }),
      discovery: discovery(),
      store: store(),
      update: Type.Optional(
        Type.Union([update(), Type.Null()], {
          description: 'The newest version; null while it is not known, left out if `updates.check` is off.',
        }),
      ),
      backup: backup(),
      messages: messages(),
      streams: count('Event streams open.', 1),
    },
    { $id: 'BridgeInfo' },
  )
}
