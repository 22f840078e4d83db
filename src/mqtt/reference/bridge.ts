/** What the reference of the topics says of the bridge itself. */
import type { AccountState } from '../../devices/ports.ts'

/** What each state of an account means. */
export const ACCOUNT_TEXTS: Readonly<Record<AccountState, string>> = {
  signed_out: 'Not signed in.',
  signing_in: 'Signing in.',
  code_needed: 'The cloud asks for a second factor. Send the code with `account_code`.',
  ready: 'Signed in. The bridge has fetched the devices and their keys.',
  auth_failed:
    'The cloud refuses user name, password or code. Correct the account. The command `login` tries it at once.',
  unreachable: 'The bridge can’t reach the cloud. It tries again by itself. Stored keys go on working.',
}

export const TWO_BRIDGES = `### Two bridges

If two bridges use the same base topic at one broker, the first goes on and the second stands by. The second publishes nothing, shows
nothing to Home Assistant, Homie or Wiren Board, and takes no commands over MQTT. So each command is carried out once. Its own page and
REST work. When the first ends or loses its connection, the second takes over.

Both say so, and what to do: in the log, in \`problems\` of \`bridge/info\` (\`another_bridge\`), with the problem sensor of the bridge in Home
Assistant, on the page, in \`/readyz\` and in \`doctor\`.

The bridges find each other on \`bridge/instance\`, so both need the right to read and write there. Whoever else has this right can make
a bridge stand by. If both start in the same moment, or meet again after an outage of the broker, both may carry out one command.

If another client uses the client id of the bridge, the two throw each other out of the broker: \`client_id_taken\`.

### What the broker forbids

\`problems\` also says what the broker does not allow:

| problem | meaning |
|---|---|
| \`mqtt_no_read\` | The bridge may not read some topics, so commands do not arrive. |
| \`mqtt_no_write\` | The broker does not take some of the messages that the bridge publishes. |
| \`mqtt_too_large\` | Some messages are larger than the broker takes. |

The message names the topics and the right. To find out whether commands arrive, the bridge sends \`check\` to itself once after each
connect, on \`check/set\` and similar topics, which belong to no device.

If another program has the port of the bridge's own broker, \`problems\` says \`mqtt_port_taken\`. The bridge and its page work all the
same, and the broker takes the port within half a minute after it is free.`

export const THE_HOUSE = `\`bridge/house\` shows the house as a whole:

\`\`\`json
{"mode":"away","until":"2026-12-20T16:00:00.000Z","power":1450,"power_unknown":1,"problems":[{"serial":"404CCAAAD4E8A89860609800000149","name":"Bathroom","kind":"offline","code":"DEVICE_UNREACHABLE","message":"It does not answer."}],"rooms":[{"name":"Bathroom","mode":"away","until":"2026-12-20T16:00:00.000Z","devices":["404CCAAAD4E8A89860609800000149"]}],"counts":{"done":11,"waiting":1,"failed":0,"changed":0,"skipped":0}}
\`\`\`

- \`power\` is the sum in W of all devices that tell theirs, null if none does. \`power_unknown\` is how many do not, such as those
  that do not answer: above 0, \`power\` is only a part. Changes of it are published at most every ten seconds.
- \`problems\` has the worst of each device with which something is wrong, with its \`kind\`: \`offline\`; \`error\`, for one that
  answers although something stands in the way; \`refuses\`, for one that will refuse commands; \`fault\`, which it reports itself,
  with the key as the \`code\`; \`finding\`, for what is unusual; \`mode\`, for one that did not take the mode of the house; \`command\`,
  for one that did not carry out its last command. The page shows the same at its top. After a start of the bridge, a device is
  not among them before it has answered, or has been asked three times.

The request \`house\` gives the house, a room or some devices a mode:

| mode | a thermostat | a relay |
|---|---|---|
| \`away\` | its own away, with its own setpoint of away; one that is off stays off | nothing |
| \`frost_protection\` | by hand at 7 °C, or at the nearest that its limits allow, even if it was off; one that cools is switched off | nothing |
| \`off\` | is switched off | nothing |
| \`normal\` | gets back what it had before: off or on, the schedule or a setpoint by hand, a temporary setpoint within its period, an away of its own | nothing |

- \`until\` is a time, or a date for the beginning of that day. Without a zone it is in the time of the bridge. Then the house goes back
  to \`normal\` by itself. Without \`until\`, or with null, it lasts until it is taken back.
- The answer comes when every device that can be reached has been told. It has the outcome of each: \`done\`; \`waiting\` for one that
  gets it when it answers again; \`failed\` with the \`error\`; \`changed\` for one that somebody has set since, which stays so;
  \`skipped\` for one that the mode has nothing for; \`superseded\` when another mode was asked for meanwhile. The last one wins.
- Restarts of the bridge change nothing of this. A boost only interrupts a mode; any other setting by a person ends it for that device.
- A room without a mode of its own has that of the house. A mode of the house replaces those of the rooms.`
