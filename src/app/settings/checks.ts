/** Further checks before a change is saved. */
import { targetOf } from '../../cloud/services/known.ts'
import { itemKey, type LoadedSettings, type Settings, settingRow } from '../../config/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { brokerTargets } from '../../mqtt/client/target.ts'
import type { AccountWish } from './account-trials.ts'

/** Checks whether the parts can be built from the settings. @throws BridgeError `BAD_REQUEST` */
export function checkBuildable({ mqtt, cloud }: Settings): void {
  brokerTargets({ ...mqtt, client_id: '' })
  for (const account of cloud.accounts) targetOf(account)
}

/**
 * Nobody may learn a hidden secret by having it sent elsewhere: whoever changes its destination must know it.
 * @param now the settings of the next start without the changes; the bridge may still run with older ones
 * @param entered keys of what somebody asks for, even of values that are the same as before
 * @throws BridgeError `BAD_REQUEST` naming the secret
 */
export function keepsSecretsHome(
  now: Pick<LoadedSettings, 'settings' | 'origins'>,
  next: Pick<LoadedSettings, 'settings' | 'origins' | 'pageItems'>,
  entered: ReadonlySet<string>,
): void {
  for (const [key, { secret, to }] of Object.entries(sent(next.settings))) {
    if (secret === null || to === null || entered.has(key)) continue
    if (differs(to, sent(now.settings)[key]?.to)) throw moved(key, next.origins.get(key) ?? '')
  }
  for (const [place, { list, id }] of next.pageItems) {
    const touched = [...entered].some((key) => key.startsWith(itemKey(list, id, '')))
    const account = next.settings.cloud.accounts.find((other) => other.id === id)
    if (list !== 'cloud.accounts' || !touched || !account) continue
    // An item that was left out before has not sent anything yet.
    const before = now.settings.cloud.accounts.find((other) => other.id === id)
    if (before && targetOf(account).base.href === targetOf(before).base.href) continue
    for (const secret of ['password', 'totp_secret'] as const) {
      if (account[secret] === null || entered.has(itemKey(list, id, secret))) continue
      throw moved(itemKey(list, id, secret), next.origins.get(`${place}.${secret}`) ?? '')
    }
  }
}

/** Whether what is changed decides about the sign-in: all but where the list of devices is. */
export const needsSignIn = ({ values }: AccountWish): boolean => Object.keys(values).some((name) => name !== 'devices')

/**
 * An account that is added twice would sign in twice, and each code would go to both.
 * @throws BridgeError `BAD_REQUEST` if another account has the same user at the same service
 */
export function refuseSecond({ settings }: LoadedSettings, id: string): void {
  const { accounts } = settings.cloud
  const who = (account: (typeof accounts)[number]) =>
    JSON.stringify([account.provider, targetOf(account).base.href, account.username])
  const mine = accounts.find((account) => account.id === id)
  const other = mine && accounts.find((account) => account.id !== id && who(account) === who(mine))
  if (!other) return
  throw new BridgeError('BAD_REQUEST', `There is this account already: ${other.id}. Change that one instead.`, {
    details: { key: `cloud.accounts[${other.id}]` },
  })
}

interface Sent {
  readonly secret: string | null
  /** null for nowhere. */
  readonly to: unknown
}

/** Where the secrets of single settings go, by key. Without encryption it is another way, with others who read along. */
const sent = ({ mqtt, messages: { email, ntfy } }: Settings): Readonly<Record<string, Sent>> => ({
  'mqtt.password': { secret: mqtt.password, to: mqtt.url.length > 0 ? mqtt.url : null },
  'messages.email.password': {
    secret: email.password,
    to: email.host && [email.host, email.port, email.tls === 'off'],
  },
  // Another topic of the same server is not elsewhere.
  'messages.ntfy.token': { secret: ntfy.token, to: ntfy.topic_url && new URL(ntfy.topic_url).origin },
})

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b)

function moved(key: string, source: string): BridgeError {
  const remedy =
    source === 'page' ? 'Enter it again together with the new address.' : `It is fixed by ${source}: change both there.`
  return new BridgeError(
    'BAD_REQUEST',
    `${key} would be sent to a different address than the one it was entered for. ${remedy}`,
    {
      details: { key },
    },
  )
}

export const fixed = (key: string, source: string): BridgeError =>
  new BridgeError(
    'READ_ONLY',
    `${key} is fixed by ${source}. Change it there, or remove it there and restart the bridge; then it can be set here.`,
    { details: { key, source } },
  )

export function notOfPage(key: string): BridgeError {
  const row = settingRow(key)
  const short = key.slice(0, 100)
  if (!row)
    return new BridgeError(
      'UNKNOWN_KEY',
      `There is no setting ${JSON.stringify(short)}. GET /api/v1/settings lists them.`,
    )
  if (row.items) return new BridgeError('READ_ONLY', `${key} is a list; its items have their own routes.`)
  return new BridgeError(
    'READ_ONLY',
    `${key} can’t be set here, because a mistake could lock everybody out or leave things behind. Set it in the configuration file${row.env ? ` or by ${row.env}` : ''}.`,
    { details: { key } },
  )
}
