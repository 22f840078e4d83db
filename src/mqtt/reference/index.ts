/** The generated reference of the topics: names from `Topics`, keys from the catalog, so that it can't fall behind. */
import { models, stateKeys, table } from '../../catalog/reference.ts'
import { ACTION_TEXTS } from '../../devices/commands/actions.ts'
import type { BridgeEvent, BridgeInfo } from '../../devices/ports.ts'
import { LARGEST_COMMAND } from '../intake/payload.ts'
import { Topics } from '../topics.ts'
import { ACCOUNT_TEXTS, THE_HOUSE, TWO_BRIDGES } from './bridge.ts'
import { EVENT_TEXTS } from './events.ts'
import { NATIVE_TOPICS } from './native.ts'
import { REQUESTS } from './requests.ts'

const SERIAL = '404CCAAAD4E8A89860609800000149'
const ID = '<id>'

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
      code_from: null,
      lists_devices: true,
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
      [code(bridgeState), '`online`; `offline` after a stop, and as the last will', 'yes', '1'],
      [
        code(bridgeInfo),
        'JSON: version, start, accounts, number of devices, `instance` (of this run), `problems`; `site`, if it is set; `update` (the newest version, null while it is not known), if `updates.check` is on',
        'yes',
        '1',
      ],
      [
        code(topics.bridgeHouse),
        'JSON: the mode of the house, until when, how many devices have taken it, its power now, what is wrong, and the rooms with their modes: [the house](#the-house)',
        'yes',
        '1',
      ],
      [code(topics.bridgeInstance), 'JSON: how [bridges find each other](#two-bridges)', 'no', '0'],
      [code(bridgeEvent), 'JSON: an [event](#types-of-events)', 'no', '0'],
      [code(topics.response('<action>')), 'JSON: the answer to a request', 'no', '2'],
      [code(topics.state(ID)), 'JSON: every key of the device, null when unknown; sent after each change', 'yes', '1'],
      [code(topics.availability(ID)), '`online` or `offline`', 'yes', '1'],
      [code(topics.schedule(ID)), 'JSON: the [weekly schedules](#schedules); sent after each change', 'yes', '1'],
      [
        code(topics.event(ID)),
        'JSON: an [event](#types-of-events) of this device, which is also on the topic for all events',
        'no',
        '0',
      ],
      [code(topics.result(ID)), 'JSON: one result for each command', 'no', '2'],
    ],
  )
}

function takenTopics(topics: Topics): string {
  return table(
    ['topic', 'payload', 'what it does'],
    [
      [code(topics.set(ID)), `JSON, such as ${json(EXAMPLES.set)}`, 'sets all these keys with one command'],
      [
        code(topics.set(ID, '<key>')),
        'the bare value, such as `24`, `heat`, `ON`, `true`; or `{"value":24}`',
        'sets one key',
      ],
      [
        code(topics.scheduleSet(ID)),
        `JSON, such as ${json(EXAMPLES.scheduleSet)}`,
        'writes days: [schedules](#schedules)',
      ],
      [code(topics.get(ID)), 'anything, or nothing', 'reads the device now'],
      [
        code(topics.action(ID)),
        'the bare word, or `{"action":"blink","transaction":7}`',
        'makes the device act: [actions](#actions)',
      ],
      [code(topics.request('<action>')), 'JSON, or nothing', 'asks the bridge: [requests](#requests-to-the-bridge)'],
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

- A command is done when the device has confirmed the values. The bridge sends the new state first, then the result.
- \`transaction\` may be any value. The result repeats it.
- \`rounded\` in a result means that the device can't hold the exact value: \`{"target_temperature":{"asked":21.3,"set":21}}\`. The
  state repeats it in \`last_rounded\`, with the time as \`at\`, until the next command.
- \`superseded\` in a result lists keys that a later command replaced before the device was free. Commands that wait become one
  write, and the last value of a key wins.
- After a failed command the bridge sends the state again, so that nobody goes on showing a value that was not taken. \`last_error\`
  says why, until a command to the device succeeds:
  \`{"code":"OUT_OF_RANGE","message":"…","at":"2026-01-31T06:00:00.000Z","about":["target_temperature"]}\`.
- MQTT 5: if a command has a response topic, the bridge also answers there, with the correlation data.
- Send commands **without** the retain flag. The bridge refuses retained commands, because each start would repeat them. One exception:
  a broker that speaks only MQTT 3.1.1 does not say of a live message that it is retained. The bridge carries such a command out
  once, and refuses it from the next connection on.
- A command may have at most ${LARGEST_COMMAND / 1024} KiB.
- [Error codes](../docs/error-codes.md) says what each code means and what to do.`

const ONCE = `The bridge carries a command out once and sends one result, as far as broker and sender allow:

| case | promise |
|---|---|
| MQTT 5, sender uses QoS 2 | Once, and in order, even if connections break at any moment. If a command waits for longer than \`mqtt.command_expiry\`, the broker drops it together with the session of the bridge. |
| MQTT 3.1.1, sender uses QoS 2 | The same, but the broker drops nothing. If the bridge was away for longer than \`mqtt.command_expiry\`, it answers what waited with \`NOT_APPLIED\`. |
| sender uses QoS 1, or the broker does not support QoS 2 | At least once. The bridge recognises a message that the broker repeats, by its number and \`dup\`. If the repetition comes over another connection, it needs a \`transaction\` or correlation data that is different for each command. |
| sender uses QoS 0, or the broker supports nothing else | At most once. Nothing waits while the bridge is away. |
| several brokers (\`mqtt.url\`) | If a command waited at one broker and the bridge has meanwhile taken a command for the same device from another, it answers the one that waited with \`NOT_APPLIED\`. It can't know which of the two is newer. |
| the broker loses its session or its power | What the broker has lost is lost. A result that it had not confirmed may come twice. |
| the bridge is killed | If this happens between carrying a command out and confirming it, the broker sends the command again. |

If a command is of no use later, give it a message expiry (MQTT 5); the broker then drops it in time. Results expire after
\`mqtt.command_expiry\`.`

const SETPOINTS = `\`target_temperature\` sets the setpoint in force:

- in \`auto\`, the temporary setpoint, which lasts until the next period of the schedule;
- in \`heat\` or \`cool\`, the manual setpoint of the sensor that controls, floor or air;
- during \`boost\`, the setpoint of the device's timer, if it has one;
- during \`away\`, the same as without away, which it ends.

\`mode\` takes \`heat\` or \`cool\`, whichever fits the load that the device is set up for.

**Boost.** \`preset\` \`boost\` holds \`timer_setpoint\` for \`boost_minutes\`. You can set both before, or in the same command.
\`target_temperature\` in the same command counts for this boost only. \`timer_remaining\` and \`timer_end\` say how long it lasts.

\`oz\` has a timer for boost. For the other models the bridge keeps the time. It stores the values of before, and raises the manual
setpoint or, in \`auto\`, the temporary one. At the end it restores the values, even after a restart of the bridge or the device.

\`preset\` \`none\` ends a boost. So does any mode or setpoint that is set meanwhile, here or at the device; that one stays.

**Away.** \`preset\` \`away\` begins at once and lasts until somebody ends it; \`away_end\` is null then. For a fixed time, set
\`{"away_start":"2026-12-20T18:00","away_end":"2026-12-27T12:00"}\`, in the local time of the device, with an offset, or with \`Z\`. The
state shows local time.

- If you leave one of the two out, it keeps its value. If it has none, away starts now, or has no end.
- To end away, set \`preset\` to \`none\`, set a \`target_temperature\`, or set \`away_start\` and \`away_end\` to \`null\`. One of the two is
  enough if the command does not set the other.
- Refused are times in the past, an end before the start, times that do not exist or exist twice because of summer time, and times after
  February 2106.
- Devices count these times in UTC or in local time. The bridge learns from the device's clock which.
- While away, the setpoint is \`away_floor_setpoint\` or \`away_air_setpoint\`. Only these keys change it.
- Devices don't know away without an end. The bridge sends an end 2192 days after the start, and the vendor's app shows that one.`

const SCHEDULES = `\`{"floor":{"monday":[{"time":"06:00","temperature":30},…],…},"air":null}\` has the periods of each day, in their order.

- \`time\` is the device’s local time, HH:MM. A period lasts until the next begins, even across midnight.
- \`temperature\` is in °C. \`"on"\` and \`"off"\` mean that the load is always on or always off; only \`oz\` takes them.
- \`oz\` has one schedule for control by the floor and one for control by the air. The others have \`floor\` only, which is for whatever
  sensor controls.
- null means that there is no schedule, or that the bridge has not read it yet. The bridge asks after a start, after changes, once an
  hour, and after \`get\`.

To change it:

- A command names the days to replace; the others stay. A day has 1 to 16 periods with ascending times, 00:00 to 23:59.
- \`copy\` makes the days \`to\` like the day \`from\`. If the command does not contain that day, the bridge takes it from the device.
- Temperatures are whole degrees by the floor, and tenths by the air if the device holds tenths, within its limits. The result lists
  what was rounded: \`"rounded":{"floor.monday.06:30":{"asked":28.4,"set":28}}\`.
- The bridge checks all days before it sends the first. It writes them one after another and reads each back. Other commands may
  come in between. If the device did not take all, the error has \`details\`:
  \`{"written":[{"kind","day"},…],"failed":[{"kind","day","code","message"},…]}\`.
- In the state, \`schedule_next_change\` and \`schedule_next_setpoint\` say what comes next.`

/** The reference of the topics, Markdown. */
export function topicReference(): string {
  const topics = new Topics('thermo2mqtt')
  return `${[
    '<!-- Generated from src/mqtt and src/catalog; run "npm run generate" after changing them. -->',
    '# MQTT topics',
    `Every topic begins with the setting \`mqtt.base_topic\`, and the setting \`site\` if there is one (\`thermo2mqtt/kyiv-1/…\`). \`${ID}\` is the serial number as the device and the vendor’s app show it. [How to use it](../docs/mqtt.md) has examples.`,
    '## What the bridge shows',
    shownTopics(topics),
    `A device takes commands when both \`${topics.bridgeState}\` and its own \`availability\` are \`online\`. Whoever listens to \`${topics.state('+')}\` also hears \`${topics.bridgeState}\`, which is no JSON.`,
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
    `The bridge answers on \`${topics.response('<action>')}\` with \`{"ok":true,"data":{…},"transaction":…}\`, or with \`"ok":false\` and an
\`error\` as in results. It takes \`sync\` and \`account_code\` at most ten times a minute, because each of them asks a cloud.`,
    requestTable(topics),
    '### The house',
    THE_HOUSE,
    '## Examples',
    ['```json', JSON.stringify(EXAMPLE_INFO), JSON.stringify(EXAMPLE_EVENT), '```'].join('\n'),
    `The first is on \`${topics.bridgeInfo}\`, the second on \`${topics.bridgeEvent}\`. This is a part of \`${topics.state(SERIAL)}\`:`,
    ['```json', JSON.stringify(EXAMPLES.state), '```'].join('\n'),
    TWO_BRIDGES,
    '### States of an account',
    wordTable('state', ACCOUNT_TEXTS),
    '### Types of events',
    wordTable('type', EVENT_TEXTS),
    '## Topics of the devices themselves',
    NATIVE_TOPICS,
    '## Keys of the state',
    `The state is one JSON object with every key of the model. A value that is not known is null. You can \`set\` the keys with access
\`set\`. [PARAMETERS.md](PARAMETERS.md) says how the device stores each. The models:`,
    models(),
    stateKeys(),
    `\`last_error\` says why the last command failed: \`code\`, \`message\`, \`at\`, and \`about\`, which names the keys or the action. It is null
if the last command succeeded, or if there was none since the start.

\`last_rounded\` says which of its values were rounded: \`at\` and \`rounded\`, as in the result. It is null if none was.

\`findings\` says what is unusual about the device, as a list of \`kind\`, \`since\`, \`message\` (the evidence in a sentence) and
\`evidence\` (the numbers in it). It is empty if nothing is, and null while the bridge does not watch the device: for the first minutes
after a start, and without a history. [Unusual](../docs/guardian.md) describes the kinds.

\`unknown\` holds the fields that the device sends and no document describes. It is null if there are none.

### Energy

The bridge counts energy: the power of the load times how long the load was on. The power is \`devices[].power\` of the settings, or
else \`rated_power\`. If neither says what the load draws, \`energy\` is null.

If the load is on at one reading and off at the next, the bridge assumes that it switched in the middle. It adds half of the time
between to \`energy_error\`. It counts nothing while it is stopped, or while it can't reach the device for more than ten minutes.

The state shows what is on disk, which is written once a minute. The count never falls, except by the action \`reset_energy\`.`,
  ].join('\n\n')}\n`
}
