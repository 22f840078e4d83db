/** What the bridge does by itself for the people of the house: backups, and messages. */
import { fillJson } from '../../core/json.ts'
import { LONGEST_PASSPHRASE, SHORTEST_PASSPHRASE } from '../../core/passwords/passphrase.ts'
import { Refusal } from '../errors.ts'
import { BOOLEAN, choice, duration, HOST, HTTP_URL, kind, matching, PATH, REMOTE_PORT, several, text } from './kinds.ts'
import { optional, setting } from './setting.ts'

const MOST = 365

const COUNT = kind({
  allowed: `1 to ${MOST}`,
  json: { type: 'integer', minimum: 1, maximum: MOST },
  read: (raw) => {
    const count = typeof raw === 'string' && /^\s*\d{1,3}\s*$/.test(raw) ? Number(raw) : raw
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > MOST) {
      throw new Refusal('is not a number of backups')
    }
    return count
  },
})

export const BACKUP = {
  passphrase: optional(text(SHORTEST_PASSPHRASE, LONGEST_PASSPHRASE), {
    doc: 'Passphrase of the daily backups. With it, the bridge makes an encrypted backup of everything each day. Keep it elsewhere too: without it nobody can open a backup.',
    env: 'T2M_BACKUP_PASSPHRASE',
    sensitive: true,
    unset: 'no backup is made by itself',
    example: 'four words that nobody guesses',
    page: true,
  }),
  folder: optional(PATH, {
    doc: 'Folder for the daily backups, such as one of a network drive. The bridge creates it if it is missing.',
    env: 'T2M_BACKUP_FOLDER',
    unset: 'the folder `backups` in data_dir',
    example: '/mnt/nas/thermo2mqtt',
  }),
  keep: setting(COUNT, 7, {
    doc: 'How many daily backups are kept; the oldest make room.',
    env: 'T2M_BACKUP_KEEP',
    page: true,
  }),
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const TIME = matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day', 'a time of day such as 22:00')

const GROUPS = ['findings', 'faults', 'offline', 'locks', 'accounts', 'storage']

const ABOUT = several(
  'kinds of events',
  `${GROUPS.join(', ')}, or single findings and faults by their keys`,
  (item) => {
    const name = typeof item === 'string' ? item.trim() : ''
    if (!/^[a-z][a-z_]{0,63}$/.test(name)) throw new Refusal('is not a kind of event')
    return name
  },
)

const plainTemplate = text(2, 4096)

/** JSON that is still JSON when its gaps are filled. */
const TEMPLATE = kind({
  ...plainTemplate,
  allowed: 'JSON in which {title}, {text}, {event}, {device}, {time} and {resolved} stand inside of texts',
  read: (raw) => {
    const template = plainTemplate.read(raw)
    const filled = fillJson(template, { title: '"', text: '"', event: '"', device: '"', time: '"', resolved: '"' })
    try {
      JSON.parse(filled)
    } catch {
      throw new Refusal('is not JSON with its gaps inside of texts')
    }
    return template
  },
})

/** None of the characters that mean something between addresses. */
const MAIL_ADDRESS = /^[^\s@<>(),;:"[\]\\]{1,64}@[^\s@<>(),;:"[\]\\]{1,253}$/

export const isMailAddress = (text: string): boolean => MAIL_ADDRESS.test(text)

const MAILBOX = matching(MAIL_ADDRESS, 'is not a mail address', 'a mail address such as me@example.com')

const EMAIL = {
  host: optional(HOST, {
    doc: 'Mail server (SMTP) that sends the messages, such as that of your provider. Needs to.',
    env: 'T2M_MESSAGES_EMAIL_HOST',
    unset: 'no messages by e-mail',
    example: 'smtp.example.com',
    page: true,
  }),
  port: optional(REMOTE_PORT, {
    doc: 'Port of the mail server.',
    env: 'T2M_MESSAGES_EMAIL_PORT',
    unset: '587, or 465 with tls',
    example: 587,
    page: true,
  }),
  tls: setting(choice(['starttls', 'tls', 'off']), 'starttls', {
    doc: 'How the connection is encrypted: starttls (usual at port 587; on this machine only if the server offers it), tls from the start (usual at port 465), or off, which sends password and messages as everybody on the way can read them.',
    env: 'T2M_MESSAGES_EMAIL_TLS',
    page: true,
  }),
  // Not on the page: the test says what is wrong with it, which would tell API tokens what files there are.
  ca: optional(PATH, {
    doc: 'File with the certificates (PEM) against which the bridge checks the mail server’s certificate.',
    env: 'T2M_MESSAGES_EMAIL_CA',
    unset: 'the system’s certificates',
    example: '/etc/thermo2mqtt/mail-ca.pem',
  }),
  user: optional(text(1, 254), {
    doc: 'User name at the mail server. Needs password.',
    env: 'T2M_MESSAGES_EMAIL_USER',
    unset: 'nobody signs in',
    example: 'me@example.com',
    page: true,
  }),
  password: optional(text(1, 1024), {
    doc: 'Password at the mail server. Many providers want one that they make for programs (app password).',
    env: 'T2M_MESSAGES_EMAIL_PASSWORD',
    sensitive: true,
    example: 'change me please',
    page: true,
  }),
  from: optional(MAILBOX, {
    doc: 'Mail address from which messages come.',
    env: 'T2M_MESSAGES_EMAIL_FROM',
    unset: 'user',
    example: 'me@example.com',
    page: true,
  }),
  to: setting(several('mail addresses', 'mail addresses such as me@example.com', MAILBOX.read), [], {
    doc: 'Who gets the messages. Each gets a mail of their own.',
    env: 'T2M_MESSAGES_EMAIL_TO',
    unset: 'empty: nobody',
    example: ['me@example.com', 'neighbour@example.com'],
    page: true,
  }),
}

export const MESSAGES = {
  about: setting(ABOUT, GROUPS, {
    doc: 'What messages are about: findings of the guardian, faults, devices that are offline, locks that changed, accounts that need somebody, problems of the storage.',
    env: 'T2M_MESSAGES_ABOUT',
    page: true,
  }),
  quiet_from: optional(TIME, {
    doc: 'Time of day, by the clock of the bridge, from which messages wait. Needs quiet_to.',
    env: 'T2M_MESSAGES_QUIET_FROM',
    unset: 'no quiet hours',
    example: '22:00',
    page: true,
  }),
  quiet_to: optional(TIME, {
    doc: 'Time of day at which messages that waited are sent.',
    env: 'T2M_MESSAGES_QUIET_TO',
    unset: 'no quiet hours',
    example: '07:00',
    page: true,
  }),
  repeat: optional(duration(10 * MINUTE, 30 * DAY), {
    doc: 'How long after a message the bridge sends another about the same, if it is not over.',
    env: 'T2M_MESSAGES_REPEAT',
    unset: 'sent once',
    example: '1d',
    page: true,
  }),
  resolved: setting(BOOLEAN, true, {
    doc: 'Whether a message says that something is over.',
    env: 'T2M_MESSAGES_RESOLVED',
    page: true,
  }),
  ntfy: {
    topic_url: optional(HTTP_URL, {
      doc: 'Address of a topic at ntfy.sh or at your own ntfy. Whoever knows the topic can read along: take a name that nobody guesses.',
      env: 'T2M_MESSAGES_NTFY_TOPIC_URL',
      sensitive: true,
      unset: 'no messages over ntfy',
      example: 'https://ntfy.sh/my-secret-topic',
      page: true,
    }),
    token: optional(text(1, 1024), {
      doc: 'Access token, if the topic needs one.',
      env: 'T2M_MESSAGES_NTFY_TOKEN',
      sensitive: true,
      example: 'tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2',
      page: true,
    }),
  },
  telegram: {
    token: optional(
      matching(/^\d{1,20}:[\w-]{20,100}$/, 'is not the token of a bot', 'the token of a bot, digits:letters'),
      {
        doc: 'Token of your Telegram bot, from @BotFather. Needs chat.',
        env: 'T2M_MESSAGES_TELEGRAM_TOKEN',
        sensitive: true,
        unset: 'no messages over Telegram',
        example: '123456789:AAabcdefghijklmnopqrstuvwxyz0123456',
        page: true,
      },
    ),
    chat: optional(matching(/^(-?\d{1,20}|@\w{5,32})$/, 'is not a chat', 'the id of a chat, or @channel'), {
      doc: 'Chat for the messages. Write to your bot first; https://api.telegram.org/bot<token>/getUpdates then shows the id.',
      env: 'T2M_MESSAGES_TELEGRAM_CHAT',
      example: '123456789',
      page: true,
    }),
  },
  email: EMAIL,
  webhook: {
    hook_url: optional(
      matching(
        /^https?:\/\/[^\s@#]{1,2000}$/i,
        'is not an address',
        'an address such as https://example.com/hook?key=1',
      ),
      {
        doc: 'Address to which each message is sent as JSON (POST).',
        env: 'T2M_MESSAGES_WEBHOOK_HOOK_URL',
        sensitive: true,
        unset: 'no messages to a webhook',
        example: 'https://example.com/hook',
        page: true,
      },
    ),
    template: optional(TEMPLATE, {
      doc: 'JSON to send instead, with gaps for title, text, event, device, time and resolved.',
      env: 'T2M_MESSAGES_WEBHOOK_TEMPLATE',
      unset: 'all of these',
      example: '{"content": "{text}"}',
      page: true,
    }),
  },
}
