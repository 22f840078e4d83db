/** The generated page about error codes. A code without a text does not compile. */
import { table } from '../../catalog/reference.ts'
import { ERRORS, type ErrorCode } from '../../core/errors.ts'

interface ErrorText {
  readonly means: string
  readonly remedy: string
}

/** Paths are those of `docs/`, where the page stands. */
const TEXTS: Readonly<Record<ErrorCode, ErrorText>> = {
  BAD_REQUEST: {
    means:
      'The bridge does not understand the command or request: it is no JSON, a value is of the wrong kind, the command was retained, or there is no such account.',
    remedy: 'The message says what is wrong with it.',
  },
  UNKNOWN_DEVICE: {
    means: 'The bridge knows no device with this serial number.',
    remedy: '`GET /api/v1/devices` lists those that it knows.',
  },
  UNKNOWN_KEY: { means: 'This device has no such key.', remedy: 'Its state lists the keys that it has.' },
  READ_ONLY: {
    means: 'The key can be read, not set.',
    remedy: '[TOPICS.md](../config/TOPICS.md#keys-of-the-state) says which keys can be set.',
  },
  OUT_OF_RANGE: {
    means: 'The value is outside of what is allowed now.',
    remedy: 'The message says what is allowed. Limits of setpoints are settings of the thermostat.',
  },
  DEVICE_UNREACHABLE: {
    means: 'Nothing answers at the address of the device, or the bridge does not know its address yet.',
    remedy: 'Check its power, its Wi-Fi and its address. The bridge tries again as soon as the device broadcasts.',
  },
  DEVICE_TIMEOUT: {
    means: 'The device did not finish its answer in time.',
    remedy: 'Check its Wi-Fi signal (`wifi_rssi`). For a slow connection, raise `device.timeout`.',
  },
  DEVICE_BUSY: {
    means: 'The device keeps saying that it is busy.',
    remedy: 'Another program asks it as well. Stop that program, or raise `device.min_spacing`.',
  },
  DEVICE_BAD_REPLY: {
    means: 'The answer makes no sense, or another device gave it.',
    remedy: 'Check the address. If it goes on, restart the device.',
  },
  DEVICE_WEDGED: {
    means: 'The device answers with nothing. Some units do so after days of fast polling; their cloud still works.',
    remedy: 'Switch its power off and on. Raise `device.poll_interval`.',
  },
  LAN_LOCKED: {
    means: 'The device takes only signed commands, and no account lists it. Or its firmware can’t tell its clock.',
    remedy: 'Add the account that owns it, give `devices[].totp_key`, or unlock it: [Locks](locks.md).',
  },
  LOCKED_BOTH: {
    means: 'The device is locked for the LAN and the cloud. Only its buttons work.',
    remedy: 'Set `bLc` to `Lan` or `oFF` at the device: [Locks](locks.md).',
  },
  KEY_MISSING: {
    means: 'The device takes only signed commands. Its account is known, but has given no key yet.',
    remedy: 'Sync the account (`POST /api/v1/cloud/accounts/{id}/sync`), or wait for the cloud.',
  },
  KEY_REJECTED: {
    means: 'The device refuses the key, and the cloud has no newer one.',
    remedy: 'The device was bound to another account. Add that account, or bind the device to yours again.',
  },
  ADDRESS_UNPROVEN: {
    means:
      'The bridge sent nothing. The device wants signed commands, and it is not certain which address belongs to it.',
    remedy:
      'Try again in a minute. If it goes on, name its address in the settings (`devices`). See [SECURITY.md](../SECURITY.md).',
  },
  NOT_APPLIED: {
    means:
      'The device took the command and kept its value. Or the command was not carried out, because it waited at the broker for longer than `mqtt.command_expiry`, or a newer one overtook it. The message says which.',
    remedy:
      'The present settings, the model or the firmware of the device do not allow the value. Send a late command again if you still want it.',
  },
  OUTCOME_UNKNOWN: {
    means: 'The answer was lost, and asking again failed too. The command may or may not have had its effect.',
    remedy: 'Wait for the next state. Send the command again if it had no effect.',
  },
  CLOUD_UNREACHABLE: {
    means: 'The bridge can’t reach the vendor’s cloud, or the cloud answers nonsense.',
    remedy: 'Check the internet. The bridge tries again by itself. Thermostats whose keys it has go on working.',
  },
  CLOUD_AUTH: {
    means: 'The cloud refuses the user name or the password.',
    remedy:
      'Correct them, then type `thermo2mqtt login`. On its own the bridge tries at most once an hour, so that the cloud does not lock the account.',
  },
  CLOUD_CODE_NEEDED: {
    means: 'The cloud asks for a second factor.',
    remedy: 'Give the code: [Accounts](accounts.md#an-account-that-asks-for-a-code).',
  },
  CLOUD_RATE_LIMITED: { means: 'The cloud wants fewer requests.', remedy: 'Wait; the bridge does, too.' },
  UNAUTHORIZED: {
    means: 'Nobody has signed in. Or the token is wrong, has run out or was revoked.',
    remedy: '[Sign in](sign-in.md), or send an [API token](rest.md#tokens).',
  },
  FORBIDDEN: {
    means: 'The user does not have the role, or the API token not the scope, that this needs.',
    remedy:
      'Ask an administrator for [another role](sign-in.md#roles), or make a token that has the scope: [API tokens](rest.md#tokens).',
  },
  RATE_LIMITED: {
    means: 'There were too many requests, wrong passwords or codes, or waiting commands.',
    remedy: 'Wait as long as the message says.',
  },
  INTERNAL: {
    means: 'A fault of the bridge, or of the machine that it runs on (disk, port).',
    remedy: 'The log has the details.',
  },
}

const INTRODUCTION = `The table says what each code means and what to do. Results over MQTT, answers of REST and the log have the same codes. Go by the
code; messages may change. The column "HTTP" has the status of the answer over REST. "Again" is "yes" when the same command or
request can succeed later without you changing anything.`

/** The page, Markdown. */
export function errorReference(): string {
  const texts = new Map(Object.entries(TEXTS))
  const rows = Object.entries(ERRORS).map(([code, { status, retry }]) => {
    const text = texts.get(code)
    return [`\`${code}\``, String(status), text?.means ?? '', text?.remedy ?? '', retry ? 'yes' : 'no']
  })
  const mark = '<!-- Generated from src/api/documents/error-codes.ts; run "npm run generate" after changing it. -->'
  const head = ['code', 'HTTP', 'what it means', 'what to do', 'again']
  return `${[mark, '# What does an error code mean?', INTRODUCTION, table(head, rows)].join('\n\n')}\n`
}
