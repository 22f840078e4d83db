/**
 * Changes settings of the page: the loader checks them as a whole, the store keeps them, and a restart applies them.
 */
import type {
  AccountAnswer,
  BrokerTestBody,
  BrokerTestJson,
  DeviceTestBody,
  DeviceTestJson,
  ItemValues,
  SettingsDesk,
  SettingsJson,
  SettingsList,
  SettingValue,
} from '../../api/schemas/settings.ts'
import { CODE_FROM, targetOf } from '../../cloud/services/known.ts'
import type { SignedIn } from '../../cloud/trial.ts'
import { type Kept, type LoadedSettings, PAGE, pageKey, SettingsError, settingsView } from '../../config/index.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import type { OpenedSettings, TriedSession } from '../../store/settings.ts'
import { AccountTrials, type AccountWish } from './account-trials.ts'
import { testBroker } from './broker-test.ts'
import { type Changes, changed, changesOf, identified, news, toKeep, without } from './changes.ts'
import { checkBuildable, fixed, keepsSecretsHome, needsSignIn, notOfPage, refuseSecond } from './checks.ts'
import { testDevice } from './device-test.ts'

export interface DeskOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: SecretValues
  /** The settings in force. */
  readonly loaded: LoadedSettings
  /** Loads all sources again, with these values of the page. @throws SettingsError */
  readonly load: (values: Kept) => Promise<LoadedSettings>
  /** @throws BridgeError if the store can't be opened */
  readonly open: () => OpenedSettings
  /** Makes the bridge restart soon. @param keys the changed settings */
  readonly apply: (keys: readonly string[]) => void
  /** Why the last change was undone. */
  readonly failed: { readonly at: number; readonly message: string } | null
}

/** The port of devices if none is given. */
const DEVICE_PORT = 80

const ACCOUNTS = 'cloud.accounts'

interface Plan {
  readonly changes: Changes
  /** All settings with the changes. */
  readonly after: LoadedSettings
}

export class Desk implements SettingsDesk {
  readonly #options: DeskOptions
  #applying = false
  /** One change at a time: values checked together are saved together. */
  #last: Promise<unknown> = Promise.resolve()
  readonly #trials: AccountTrials

  constructor(options: DeskOptions) {
    this.#options = options
    const { clock, logger, secrets } = options
    this.#trials = new AccountTrials({
      clock,
      logger,
      secrets,
      secretOf: (name) => this.#read((opened) => opened.secretOf(name)),
      save: (wish, session) => this.#saveAccount(wish, session),
    })
  }

  view(): SettingsJson {
    const { loaded, failed } = this.#options
    const { settings, accounts, devices } = settingsView(loaded)
    return {
      settings: [...settings],
      accounts: accounts.map((item) => ({ ...item, values: [...item.values] })),
      devices: devices.map((item) => ({ ...item, values: [...item.values] })),
      left_out: [...loaded.leftOut].map(([key, message]) => ({ key, message })),
      applying: this.#applying,
      failed: failed && { at: new Date(failed.at).toISOString(), message: failed.message },
    }
  }

  change(values: Readonly<Record<string, SettingValue>>): Promise<void> {
    return this.#alone(() => {
      const changes: Changes = new Map()
      for (const [key, value] of Object.entries(values)) {
        this.#refuseFixed(key)
        const known = pageKey(key)
        if (!known || known.item) throw notOfPage(key)
        changes.set(key, known.row.nullable && value === '' ? null : toKeep(value, known.row.sensitive))
      }
      return this.#make(() => changes)
    })
  }

  addDevice(values: ItemValues): Promise<string> {
    return this.#alone(async () => {
      const plan = await this.#planned('devices', { values })
      await this.#save(plan)
      return plan.id
    })
  }

  async changeDevice(change: string, values: ItemValues): Promise<void> {
    await this.#alone(async () => this.#save(await this.#planned('devices', { change, values })))
  }

  addAccount(values: ItemValues): Promise<AccountAnswer> {
    return this.#account({ values })
  }

  changeAccount(change: string, values: ItemValues): Promise<AccountAnswer> {
    return this.#account({ change, values })
  }

  submitCode(signIn: string, code: string): Promise<AccountAnswer> {
    return this.#trials.submit(signIn, code)
  }

  cancelSignIn(signIn: string): Promise<void> {
    return this.#trials.cancel(signIn)
  }

  /** Ends sign-ins that are under way. */
  stop(): Promise<void> {
    return this.#trials.stop()
  }

  remove(list: SettingsList, id: string): Promise<void> {
    return this.#alone(async () => {
      // An item of the page whose id is also fixed elsewhere can be removed.
      if (!this.#options.loaded.leftOut.has(`${list}[${id}]`)) this.#refuseFixedItem(list, id)
      await this.#make((kept) => without(kept, list, id))
      if (list === ACCOUNTS) await this.#withStore((opened) => opened.forgetSession(id))
    })
  }

  testBroker(values: BrokerTestBody): Promise<BrokerTestJson> {
    return testBroker(this.#options.loaded.settings, values)
  }

  testDevice(values: DeviceTestBody): Promise<DeviceTestJson> {
    return testDevice(this.#options.loaded.settings, values, this.#options.clock)
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }

  async #account(wish: AccountWish): Promise<AccountAnswer> {
    const { id, after } = await this.#alone(() => this.#planned(ACCOUNTS, wish))
    const account = after.settings.cloud.accounts.find((one) => one.id === id)
    if (!account) throw new BridgeError('INTERNAL', `The account ${id} is not in the settings that were made for it.`)
    if (needsSignIn(wish)) return this.#trials.begin(wish, account)
    await this.#saveAccount(wish, undefined)
    const { flow, list } = targetOf(account).service
    return { id, sign_in: null, code_from: CODE_FROM[flow], devices: 0, lists_devices: list !== undefined }
  }

  /** Planned anew, since settings may have changed during the sign-in. */
  #saveAccount(wish: AccountWish, session: SignedIn | undefined): Promise<string> {
    return this.#alone(async () => {
      const plan = await this.#planned(ACCOUNTS, wish)
      await this.#save(plan, session && { account: plan.id, ...session })
      return plan.id
    })
  }

  /** What an item that is added or changed makes of the settings. @throws BridgeError if that is not allowed */
  async #planned(list: SettingsList, { change, values }: AccountWish): Promise<Plan & { readonly id: string }> {
    if (change !== undefined) {
      this.#refuseFixedItem(list, change)
      return { id: change, ...(await this.#plan(() => changesOf(list, change, values))) }
    }
    const { identity, ...others } = identified(list, values)
    const now = await this.#load(this.#read(({ settings }) => settings.all()))
    const id = identity ?? freeId(now, others)
    const held = itemOf(now, list, id)
    if (held) {
      throw new BridgeError(
        'BAD_REQUEST',
        `There is ${id} already, from ${held.source}: choose another id, or change that one.`,
        { details: { key: `${list}[${id}]`, source: held.source } },
      )
    }
    // The port is saved too, so that a device without any other value is kept.
    const changes = changesOf(list, id, list === 'devices' ? { port: DEVICE_PORT, ...others } : others)
    // Nothing of an earlier item that was left out becomes part of the new one, least of all its password.
    const plan = await this.#plan((kept) => new Map([...without(kept, list, id), ...changes]))
    if (list === ACCOUNTS) refuseSecond(plan.after, id)
    return { id, ...plan }
  }

  /** Saves the changes if the settings are valid with them. @throws BridgeError `BAD_REQUEST` */
  async #make(wanted: (kept: Kept) => Changes): Promise<void> {
    await this.#save(await this.#plan(wanted))
  }

  async #plan(wanted: (kept: Kept) => Changes): Promise<Plan> {
    const kept = this.#read(({ settings }) => settings.all())
    const asked = wanted(kept)
    const changes = news(kept, asked)
    const before = await this.#load(kept)
    if (changes.size === 0) return { changes, after: before }
    const after = await this.#load(changed(kept, changes))
    for (const [key, why] of after.leftOut) {
      const mine = [...changes.keys()].some((other) => other === key || other.startsWith(`${key}.`))
      if (mine || !before.leftOut.has(key)) throw new BridgeError('BAD_REQUEST', `${why}.`, { details: { key } })
    }
    const entered = [...asked].flatMap(([key, value]) => (value === null && !changes.has(key) ? [] : key))
    keepsSecretsHome(before, after, new Set(entered))
    checkBuildable(after.settings)
    return { changes, after }
  }

  async #save({ changes }: Plan, session?: TriedSession): Promise<void> {
    if (changes.size === 0 && !session) return
    await this.#withStore((opened) => opened.change(changes, session))
    this.#applying = true
    this.#options.apply([...changes.keys()])
  }

  async #load(values: Kept): Promise<LoadedSettings> {
    try {
      return await this.#options.load(values)
    } catch (error) {
      if (error instanceof SettingsError) throw new BridgeError('BAD_REQUEST', `${error.message}.`, { cause: error })
      throw error
    }
  }

  #read<T>(work: (opened: OpenedSettings) => T): T {
    const opened = this.#options.open()
    try {
      return work(opened)
    } finally {
      opened.close()
    }
  }

  /** Changes are on the disk when this resolves. */
  async #withStore<T>(work: (opened: OpenedSettings) => T): Promise<T> {
    const opened = this.#options.open()
    try {
      return work(opened)
    } finally {
      opened.close()
      await opened.durable()
    }
  }

  #refuseFixed(key: string): void {
    const source = this.#options.loaded.origins.get(key)
    if (source === undefined || source === 'default' || source === PAGE) return
    throw fixed(key, source)
  }

  #refuseFixedItem(list: SettingsList, id: string): void {
    const item = itemOf(this.#options.loaded, list, id)
    if (item?.fixed) throw fixed(`${list}[${id}]`, item.source)
  }
}

function itemOf(loaded: LoadedSettings, list: SettingsList, id: string) {
  const { accounts, devices } = settingsView(loaded)
  return (list === 'devices' ? devices : accounts).find((item) => item.id === id)
}

/** The name of the provider, with a number if there are several accounts. */
function freeId(loaded: LoadedSettings, { provider }: ItemValues): string {
  const name = String(provider)
  for (let number = 1; ; number++) {
    const id = number === 1 ? name : `${name}-${number}`
    if (!itemOf(loaded, ACCOUNTS, id)) return id
  }
}
