import { Clouds } from '../../cloud/cloud.ts'
import { type AccountSettings, fromSettings, SettingsError } from '../../config/index.ts'
import { createLogger } from '../../core/logging/logger.ts'
import type { Store } from '../../store/store.ts'
import { UsageError } from '../command.ts'
import type { Tools } from '../console/tools.ts'

/** The account named by `--account`, or the only account. @throws SettingsError, UsageError */
export function pickAccount(accounts: readonly AccountSettings[], id: string | undefined): AccountSettings {
  const ids = accounts.map((account) => account.id).join(', ')
  const [first, ...others] = accounts
  if (!first) {
    throw new SettingsError(
      'cloud.accounts: there is no account to sign in to; allowed: an account on the page or in the configuration file, or T2M_CLOUD_PROVIDER=terneo (or welrok) in the environment; user name and password are then asked for here',
    )
  }
  const found = id === undefined ? first : accounts.find((account) => account.id === id)
  if (!found) throw new UsageError(`--account: there is no account "${id?.slice(0, 64)}". The settings have: ${ids}`)
  if (id === undefined && others.length > 0) {
    throw new UsageError(`there are several accounts; choose one with --account=<id>. The settings have: ${ids}`)
  }
  return found
}

/** The cloud access of one account, for a command that uses it. Nothing is started yet. @throws SettingsError */
export function accountClouds(
  { settings, clock, random, secrets }: Tools,
  store: Store,
  account: AccountSettings,
): Clouds {
  return fromSettings(
    () =>
      new Clouds({
        accounts: [account],
        syncInterval: settings.cloud.sync_interval,
        store,
        clock,
        random,
        // The command itself says what this would log.
        logger: createLogger({ level: 'silent', secrets, write: () => undefined }),
        secrets,
      }),
  )
}
