/** What else has to be right before a change is kept. */
import { targetOf } from '../../cloud/services/known.ts'
import { itemKey, type LoadedSettings, type Settings } from '../../config/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { brokerTargets } from '../../mqtt/client/target.ts'

/** What the parts refuse when they are built of the settings. @throws BridgeError `BAD_REQUEST` */
export function checkBuildable({ mqtt, cloud }: Settings): void {
  brokerTargets({ ...mqtt, client_id: '' })
  for (const account of cloud.accounts) targetOf(account)
}

/**
 * A secret that nobody is shown must not be had by sending it elsewhere: whoever changes where it goes has to know it.
 * @param now what the next start would have without the changes: the bridge may still run with what was before that
 * @throws BridgeError `BAD_REQUEST` naming the secret
 */
export function keepsSecretsHome(
  now: Pick<LoadedSettings, 'settings' | 'origins'>,
  next: Pick<LoadedSettings, 'settings' | 'origins' | 'pageItems'>,
  changes: ReadonlyMap<string, unknown>,
): void {
  const { url, password } = next.settings.mqtt
  if (password !== null && url.length > 0 && !changes.has('mqtt.password') && differs(url, now.settings.mqtt.url)) {
    throw moved('mqtt.password', next.origins.get('mqtt.password') ?? '')
  }
  for (const [place, { list, id }] of next.pageItems) {
    const touched = [...changes.keys()].some((key) => key.startsWith(itemKey(list, id, '')))
    const account = next.settings.cloud.accounts.find((other) => other.id === id)
    if (list !== 'cloud.accounts' || !touched || !account) continue
    // One that was left out before has sent nothing anywhere yet.
    const before = now.settings.cloud.accounts.find((other) => other.id === id)
    if (before && targetOf(account).base.href === targetOf(before).base.href) continue
    for (const secret of ['password', 'totp_secret'] as const) {
      if (account[secret] === null || changes.has(itemKey(list, id, secret))) continue
      throw moved(itemKey(list, id, secret), next.origins.get(`${place}.${secret}`) ?? '')
    }
  }
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b)

function moved(key: string, source: string): BridgeError {
  const remedy =
    source === 'page' ? 'Give it again together with the new address.' : `It is fixed by ${source}: change both there.`
  return new BridgeError(
    'BAD_REQUEST',
    `${key} would be sent to another address than the one it was given for. ${remedy}`,
    {
      details: { key },
    },
  )
}
