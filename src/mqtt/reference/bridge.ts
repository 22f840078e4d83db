/** What the reference of the topics says of the bridge itself. */
import type { AccountState } from '../../devices/ports.ts'

/** What each state of an account means. */
export const ACCOUNT_TEXTS: Readonly<Record<AccountState, string>> = {
  signed_out: 'Not signed in.',
  signing_in: 'Signing in.',
  code_needed: 'The cloud asks for a second factor: send the code by `account_code`.',
  ready: 'Signed in; the devices and their keys were fetched.',
  auth_failed: 'The cloud refuses user name, password or code. Correct the account; `login` tries at once.',
  unreachable: 'The cloud can’t be reached. It is tried again by itself; cached keys go on working.',
}

export const TWO_BRIDGES = `### Two bridges

Of two bridges under one base topic at one broker, the one that was there first goes on. The other stands by: it publishes
nothing, shows nothing to Home Assistant, Homie or Wiren Board, and takes no command over MQTT, so that each command is
carried out once. Its own page and REST work. When the first ends, or its connection is lost, the other takes over. Both say
so, with what to do: in the log, in \`problems\` of \`bridge/info\` (\`another_bridge\`), as the problem sensor of the bridge in
Home Assistant, on the page, in \`/readyz\` and in \`doctor\`. They find each other on \`bridge/instance\`, so both need the
right to read and write there; whoever else has it can make a bridge stand by. While they meet after an outage of the broker, or when both start in the same moment, a
command can be carried out by both.

A client that uses the client id of the bridge throws it out of the broker, and is thrown out by it: \`client_id_taken\`.

### What the broker forbids

\`problems\` also names what the broker does not let the bridge do: \`mqtt_no_read\` (commands do not arrive),
\`mqtt_no_write\` (something that it publishes is not taken), \`mqtt_too_large\` (a message is larger than the broker takes).
The message names topics and right. To find out the first, the bridge sends \`check\` to itself once after each connect, on
\`check/set\` and the like, which no device has.`
