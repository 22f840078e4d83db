/** Further checks before a change is saved. */
import { targetOf } from '../../cloud/services/known.ts'
import { itemKey, type LoadedSettings, type Settings } from '../../config/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { brokerTargets } from '../../mqtt/client/target.ts'

/** Checks whether the parts can be built from the settings. @throws BridgeError `BAD_REQUEST` */
export function checkBuildable({ mqtt, cloud }: Settings): void {
  brokerTargets({ ...mqtt, client_id: '' })
  for (const account of cloud.accounts) targetOf(account)
}

/**
 * Nobody may learn a hidden secret by having it sent elsewhere: whoever changes its destination must know it.
 * @param now the settings of the next start without the changes; the bridge may still run with older ones
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
    // An item that was left out before has not sent anything yet.
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
    source === 'page' ? 'Enter it again together with the new address.' : `It is fixed by ${source}: change both there.`
  return new BridgeError(
    'BAD_REQUEST',
    `${key} would be sent to a different address than the one it was entered for. ${remedy}`,
    {
      details: { key },
    },
  )
}
