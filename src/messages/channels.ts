/** The ways on which messages go: a function for each, which makes it from its settings. */
import { fillJson } from '../core/json.ts'
import { post } from './post.ts'
import type { Channel, EmailSettings, Message } from './types.ts'

export interface ChannelSettings {
  readonly ntfy: { readonly topic_url: string | null; readonly token: string | null }
  readonly telegram: { readonly token: string | null; readonly chat: string | null }
  readonly email: Omit<EmailSettings, 'host' | 'from'> & {
    readonly host: string | null
    /** null: the user, who is a mail address then. */
    readonly from: string | null
    readonly to: readonly string[]
  }
  readonly webhook: { readonly hook_url: string | null; readonly template: string | null }
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** Only tests use another. */
const TELEGRAM = 'https://api.telegram.org'

/** Those that are set up. */
export function channelsOf({ ntfy, telegram, email, webhook }: ChannelSettings, api = TELEGRAM): readonly Channel[] {
  return [
    ...(ntfy.topic_url === null ? [] : [ntfyChannel(ntfy.topic_url, ntfy.token)]),
    ...(telegram.token === null || telegram.chat === null ? [] : [telegramChannel(api, telegram.token, telegram.chat)]),
    ...emailChannels(email),
    ...(webhook.hook_url === null ? [] : [webhookChannel(webhook.hook_url, webhook.template)]),
  ]
}

/** docs.ntfy.sh, "Publishing": the text is the body, everything else are headers. */
const ntfyChannel = (url: string, token: string | null): Channel => ({
  name: 'ntfy',
  send: ({ title, text, resolved }) =>
    post({
      url,
      headers: {
        title,
        priority: resolved ? 'default' : 'high',
        tags: resolved ? 'white_check_mark' : 'warning',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: text,
    }),
})

/** core.telegram.org/bots/api, `sendMessage`; without a parse mode, so that no character means anything. */
const telegramChannel = (api: string, token: string, chat: string): Channel => ({
  name: 'telegram',
  send: ({ text, resolved }) =>
    post({
      url: `${api}/bot${token}/sendMessage`,
      headers: JSON_TYPE,
      body: JSON.stringify({ chat_id: chat, text: `${resolved ? '✅' : '⚠️'} ${text}` }),
    }),
})

/** Each recipient has one, so that a full mailbox keeps no message from the others. */
function emailChannels({ to, ...email }: ChannelSettings['email']): Channel[] {
  const { host } = email
  const from = email.from ?? email.user
  if (host === null || from === null) return []
  const settings = { ...email, host, from }
  return to.map((recipient) => ({
    name: 'email',
    to: recipient,
    send: async (message) => (await import('./email.ts')).sendEmail(settings, recipient, message),
  }))
}

const webhookChannel = (url: string, template: string | null): Channel => ({
  name: 'webhook',
  send: (message) => post({ url, headers: JSON_TYPE, body: bodyOf(message, template) }),
})

function bodyOf(message: Message, template: string | null): string {
  if (template === null) return JSON.stringify(message)
  return fillJson(template, { ...message, resolved: String(message.resolved) })
}
