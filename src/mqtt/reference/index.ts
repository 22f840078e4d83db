/** The generated reference of the topics: names from `Topics`, keys from the catalog, so that it can't fall behind. */
import { models, stateKeys, table } from '../../catalog/reference.ts'
import { ACTION_TEXTS } from '../../devices/commands/actions.ts'
import type { BridgeEvent, BridgeInfo } from '../../devices/ports.ts'
import { LARGEST_COMMAND } from '../intake/payload.ts'
import { Topics } from '../topics.ts'
import { ACCOUNT_TEXTS, TWO_BRIDGES } from './bridge.ts'
import { NATIVE_TOPICS } from './native.ts'
import { REQUESTS } from './requests.ts'

const SERIAL = '404CCAAAD4E8A89860609800000149'
const ID = '<id>'

/** When each event is sent. */
const EVENT_TEXTS: Readonly<Record<BridgeEvent['type'], string>> = {
  device_found: 'A device was found on the network.',
  device_unconfirmed:
    'A serial is heard from a sender (`details.host`) that can’t be confirmed to be the device; the message says why and what to do. `details.reason` is `empty`, `timeout`, `unreachable`, `busy`, `other_device`, `no_thermostat` or `nameless`. Once for each serial and sender, and 64 at a time at most, since anybody can send such broadcasts.',
  device_forgotten: 'A device and its keys were forgotten, because somebody asked for that.',
  device_renamed: 'Somebody has named a device, or taken the name back (`details.before`, `details.name`).',
  device_online: 'A device answers again, after `device_offline` was told, be it by an earlier run of the bridge.',
  device_offline: 'A device does not answer any more; the message says why.',
  address_changed: 'A device has another address.',
  key_changed: 'The cloud gave another key for a device: it was bound to its account again.',
  account_state: 'An account is in another state (`details.state`).',
  lock_changed: 'The lock of a device was changed (`details.before`, `details.lock`).',
  fault_began:
    'A fault of a device has begun: `details.fault` is its key in the state, `details.kind` is `sensor`, `overheating` or `other`. One that is there already when the device is read first after a start is not told again.',
  fault_ended: 'A fault of a device has ended (`details` as above).',
  command_failed:
    'A command to a device was not carried out, whoever gave it: `details.reason` says why, `details.code` is the error code, `details.about` names its keys, or the action. Ten at once of one device, then ten a minute at most.',
  store_state:
    'What is learned and counted cannot be remembered any more, or can again: `details.problem` is `full`, `read_only`, `damaged`, `busy`, `failed`, or null. After a start with a copy in place of a damaged database `details.since` is when the copy was made: what came later is missing.',
}

/** Payloads that the tables and texts show; the tests look their keys up in the catalog. */
export const EXAMPLES = {
  set: { mode: 'heat', target_temperature: 24 },
  result: { ok: true, command: { mode: 'heat', target_temperature: 24 }, transaction: 7 },
  refusal: {
    ok: false,
    error: { code: 'OUT_OF_RANGE', message: "manual_floor_setpoint can't be 90: allowed is 5 to 45." },
    command: { target_temperature: 90 },
  },
  scheduleSet: {
    floor: { monday: [{ time: '06:30', temperature: 28 }], copy: { from: 'monday', to: ['tuesday'] } },
  },
  state: { mode: 'heat', preset: 'none', action: 'heating', current_temperature: 22.5, target_temperature: 24 },
} as const

const EXAMPLE_INFO: BridgeInfo = {
  version: '0.1.0',
  started: '2026-01-31T06:00:00.000Z',
  accounts: [
    {
      id: 'terneo',
      provider: 'terneo',
      state: 'ready',
      takes_code: false,
      devices: 3,
      last_sync: '2026-01-31T06:00:01.000Z',
      error: null,
    },
  ],
  devices: { total: 3, online: 3 },
}

const EXAMPLE_EVENT: BridgeEvent = {
  type: 'device_found',
  serial: SERIAL,
  message: 'Found Bathroom at 192.168.1.50:80.',
}

const code = (text: string): string => `\`${text}\``
const json = (value: object): string => code(JSON.stringify(value))

function shownTopics(topics: Topics): string {
  const { bridgeState, bridgeInfo, bridgeEvent } = topics
  return table(
    ['topic', 'payload', 'retained', 'QoS'],
    [
      [code(bridgeState), '`online`; `offline` when it stops, and as last will', 'yes', '1'],
      [
        code(bridgeInfo),
        'JSON: version, start, accounts, how many devices; `site` where that is set, `instance` (of this run), `problems`',
        'yes',
        '1',
      ],
      [code(topics.bridgeInstance), 'JSON: by which [bridges find each other](#two-bridges)', 'no', '0'],
      [code(bridgeEvent), 'JSON: something worth telling once', 'no', '0'],
      [code(topics.response('<action>')), 'JSON: the answer to a request', 'no', '2'],
      [code(topics.state(ID)), 'JSON: every key of the device, null when unknown; sent when it changes', 'yes', '1'],
      [code(topics.availability(ID)), '`online` or `offline`', 'yes', '1'],
      [code(topics.schedule(ID)), 'JSON: the [weekly schedules](#schedules); sent when they change', 'yes', '1'],
      [code(topics.event(ID)), 'JSON: an [event](#types-of-events) of this device; sent on both topics', 'no', '0'],
      [code(topics.result(ID)), 'JSON: one for every command, always', 'no', '2'],
    ],
  )
}

function takenTopics(topics: Topics): string {
  return table(
    ['topic', 'payload', 'what it does'],
    [
      [code(topics.set(ID)), `JSON, such as ${json(EXAMPLES.set)}`, 'sets all these keys by one command'],
      [code(topics.set(ID, '<key>')), 'the bare value, such as `24`, `heat`, `ON`, `true`', 'sets one key'],
      [
        code(topics.scheduleSet(ID)),
        `JSON, such as ${json(EXAMPLES.scheduleSet)}`,
        'writes days, see [schedules](#schedules)',
      ],
      [code(topics.get(ID)), 'anything, or nothing', 'reads the device now'],
      [code(topics.action(ID)), 'the bare word, or `{"action":"blink","transaction":7}`', 'see [actions](#actions)'],
      [code(topics.request('<action>')), 'JSON, or nothing', 'see [requests](#requests-to-the-bridge)'],
    ],
  )
}

const wordTable = (head: string, texts: Readonly<Record<string, string>>): string =>
  table(
    [head, 'meaning'],
    Object.entries(texts).map(([word, text]) => [code(word), text]),
  )

const requestTable = (topics: Topics): string =>
  table(
    ['topic', 'payload', '`data` of the answer', 'what it does'],
    Object.entries(REQUESTS).map(([action, { payload, data, text }]) => [
      code(topics.request(action)),
      payload === '' ? 'nothing' : code(payload),
      code(data),
      text,
    ]),
  )

const COMMANDS = `Every command gets exactly one result:

\`\`\`json
${JSON.stringify(EXAMPLES.result)}
${JSON.stringify(EXAMPLES.refusal)}
\`\`\`

- A command is done when the device has confirmed it: the values were read back. Then the new state is sent, then the result.
- \`transaction\` of a command, whatever it is, is repeated in the result.
- \`rounded\` in a result: \`{"target_temperature":{"asked":21.3,"set":21}}\`, where the device can't hold what was asked for.
  The state says the same in \`last_rounded\`, with the time as \`at\`, until the next command.
- \`superseded\` in a result: keys that a later command replaced before the device was free. Commands that wait become one
  write; the last value of a key wins.
- After a failed command the state is sent again, so that nothing keeps showing what did not happen. \`last_error\` in it says why,
  until a command to the device is carried out: \`{"code":"OUT_OF_RANGE","message":"…","at":"2026-01-31T06:00:00.000Z","about":["target_temperature"]}\`.
- MQTT 5: a command with a response topic is answered there as well, with its correlation data.
- Send commands **without** the retain flag: a retained one is refused, since it would be repeated at every start. A broker
  of others that speaks MQTT 3.1.1 alone tells this only of those that it kept: there, one sent just now is carried out, and
  refused from the next connection on.
- A command may have ${LARGEST_COMMAND / 1024} KiB at most.
- [Error codes](../docs/error-codes.md) says what each code means and what to do.`

const ONCE = `A command is carried out once and has one result, as far as broker and sender let the bridge:

| | what is promised |
|---|---|
| MQTT 5, QoS 2 by the sender | Once, and in order, also when connections end at any moment. A command that waited for longer than \`mqtt.command_expiry\` is dropped by the broker, together with the session of the bridge. |
| MQTT 3.1.1, QoS 2 by the sender | The same, but the broker drops nothing: what waited while the bridge was away for longer than \`mqtt.command_expiry\` is answered with \`NOT_APPLIED\`. |
| QoS 1 by the sender, or a broker that takes no QoS 2 | At least once. What the broker sends again is known by its number and by \`dup\`; what comes again by another connection, by its \`transaction\` or correlation data, if each command has its own. |
| QoS 0 by the sender, or a broker that takes no more | At most once; nothing waits while the bridge is away. |
| several brokers (\`mqtt.url\`) | What waited at one is answered with \`NOT_APPLIED\` where the bridge took a command for the same device by another meanwhile. Nothing else tells the bridge which of two is newer. |
| a broker that loses its session, or its power | What it has lost is lost. A result that it had not confirmed comes again, and so can come twice. |
| the bridge is killed | In the moment between carrying out and confirming, the broker sends a command again. |

A command that is of no use later had better say so: with MQTT 5 the sender gives it a message expiry, and the broker drops
it by itself. Results expire after \`mqtt.command_expiry\` too.`

const SETPOINTS = `\`target_temperature\` sets what is in force: in \`auto\` the temporary setpoint, which holds until the next period of the
schedule; in \`heat\` or \`cool\` the manual one, for floor or air, whichever controls; during \`boost\` that of the device's
timer, where it has one. During \`away\` it ends away and does what it would have done without. \`mode\` takes \`heat\` or
\`cool\`, whichever fits the load that the device is set up for. What had to be rounded is in the result.

\`preset\` \`boost\` holds \`timer_setpoint\` for \`boost_minutes\`; both can be set before or in the same command, as can
\`target_temperature\` for this one boost. \`timer_remaining\` and \`timer_end\` say how long it lasts. \`oz\` has a timer for it.
For the other models the bridge keeps the time: it stores what was there, raises the manual setpoint, or in \`auto\` the
temporary one, and puts everything back at the end, also after a restart of either. \`preset\` \`none\` ends it, as does any mode or
setpoint that is asked for, or set at the device, meanwhile; that stays.

\`preset\` \`away\` is in force at once and until it is taken back: \`away_end\` is null then. \`away_start\` and \`away_end\` set it for a time:
\`{"away_start":"2026-12-20T18:00","away_end":"2026-12-27T12:00"}\` in the local time of the device, or with an offset or
\`Z\`; the state shows local time. One that is left out stays, or becomes now and without an end; \`null\` for all that is named clears
both, as do \`preset\` \`none\` and a \`target_temperature\`. Times that are over, that end before they start, that clocks leap over or come back to, or that lie
after February 2106 are refused. Whether a device counts in UTC or in local time, its clock tells.
While away, the setpoint is \`away_floor_setpoint\` or \`away_air_setpoint\`, which nothing but these keys sets. Devices know no
away without an end: one is given an end 2192 days after the start, and its own app shows that.`

const SCHEDULES = `\`{"floor":{"monday":[{"time":"06:00","temperature":30},…],…},"air":null}\`: for each day the periods in their order.
\`time\` is the device’s local time, HH:MM; a period lasts until the next begins, across midnight too. \`temperature\` is in °C;
\`"on"\` and \`"off"\` stand for a load that is always on or always off. \`oz\` has a schedule for control by the floor and one
for control by the air; the others have \`floor\` alone, which goes by whatever sensor controls. null: there is none, or it has
not been read yet. The device is asked after a start, after changes, once an hour, and by \`get\`.

- A command names the days to replace; the others stay. A day has 1 to 16 periods, their times ascending, 00:00 to 23:59.
- \`copy\` makes the days \`to\` like the day \`from\`, as it is in the same command or else in the device.
- \`"on"\` and \`"off"\` are taken by \`oz\` alone.
- Temperatures are whole degrees by the floor, tenths by the air where the device holds tenths, within its limits. Rounded ones
  are in the result: \`"rounded":{"floor.monday.06:30":{"asked":28.4,"set":28}}\`.
- All days are checked before any is sent. They are written one after another, each read back. When not all were taken, the
  error has \`details\`: \`{"written":[{"kind","day"},…],"failed":[{"kind","day","code","message"},…]}\`. Other commands go between.
- In the state, \`schedule_next_change\` and \`schedule_next_setpoint\` say what comes next.`

/** The reference of the topics, Markdown. */
export function topicReference(): string {
  const topics = new Topics('thermo2mqtt')
  return `${[
    '<!-- Generated from src/mqtt and src/catalog; run "npm run generate" after changing them. -->',
    '# MQTT topics',
    `The first part is the setting \`mqtt.base_topic\`, followed by the setting \`site\` where that is set (\`thermo2mqtt/kyiv-1/…\`); \`${ID}\` is the serial number as the device and the vendor’s app show it.`,
    '## What the bridge shows',
    shownTopics(topics),
    `A device can be commanded when both \`${topics.bridgeState}\` and its own \`availability\` are \`online\`.`,
    '## What the bridge takes',
    takenTopics(topics),
    '### Commands and results',
    COMMANDS,
    '### Once, and in order',
    ONCE,
    '### Setpoints, boost and away',
    SETPOINTS,
    '### Schedules',
    SCHEDULES,
    '### Actions',
    wordTable('action', ACTION_TEXTS),
    '### Requests to the bridge',
    `Answered on \`${topics.response('<action>')}\` with \`{"ok":true,"data":{…},"transaction":…}\`, or with \`"ok":false\` and an \`error\` as
in results. \`sync\` and \`account_code\` are taken ten times a minute at most, since each has a cloud asked.`,
    requestTable(topics),
    '## Examples',
    ['```json', JSON.stringify(EXAMPLE_INFO), JSON.stringify(EXAMPLE_EVENT), '```'].join('\n'),
    `The first on \`${topics.bridgeInfo}\`, the second on \`${topics.bridgeEvent}\`. Part of \`${topics.state(SERIAL)}\`:`,
    ['```json', JSON.stringify(EXAMPLES.state), '```'].join('\n'),
    TWO_BRIDGES,
    '### States of an account',
    wordTable('state', ACCOUNT_TEXTS),
    '### Types of events',
    wordTable('type', EVENT_TEXTS),
    '## Topics of the devices themselves',
    NATIVE_TOPICS,
    '## Keys of the state',
    `One JSON object has every key of the model, null when it is not known. Keys with access \`set\` are taken by \`set\`. How each
is stored in the device: [PARAMETERS.md](PARAMETERS.md). The models:`,
    models(),
    stateKeys(),
    `\`last_error\` says why the last command was not carried out: \`code\`, \`message\`, \`at\`, and \`about\`, its keys or the action;
null when it was, or since the start there was none.

\`last_rounded\` says what of it had to be rounded: \`at\` and \`rounded\`, as in its result; null when nothing had.

\`unknown\` holds, by its field, what the device sends and no row describes; null when there is nothing.

### Energy

The bridge counts it: the power of the load, by \`devices[].power\` of the settings or else by \`rated_power\`, times how long
the load was on. While neither says what the load draws, \`energy\` is null. Between two readings that differ, the load counts
as switched in the middle, and half of the time between them stands in \`energy_error\`. Time during which the bridge did not
run, or the device could not be reached for more than ten minutes, counts nothing. What is shown is on disk, written once a
minute; it never falls, except by the action \`reset_energy\`.`,
  ].join('\n\n')}\n`
}
