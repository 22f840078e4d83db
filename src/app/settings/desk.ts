/**
 * Changes settings of the page: the loader checks them as a whole, the store keeps them, and a restart applies them.
 */
import type {
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
import {
  itemKey,
  type Kept,
  type LoadedSettings,
  PAGE,
  pageKey,
  SettingsError,
  settingRow,
  settingsView,
} from '../../config/index.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonValue } from '../../core/json.ts'
import type { OpenedSettings, SettingToKeep } from '../../store/settings.ts'
import { testBroker } from './broker-test.ts'
import { checkBuildable, keepsSecretsHome } from './checks.ts'
import { testDevice } from './device-test.ts'

export interface DeskOptions {
  readonly clock: Clock
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

type Changes = Map<string, SettingToKeep | null>

export class Desk implements SettingsDesk {
  readonly #options: DeskOptions
  #applying = false
  /** One change at a time: values checked together are saved together. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: DeskOptions) {
    this.#options = options
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
      return this.#make(changes)
    })
  }

  add(list: SettingsList, values: ItemValues): Promise<string> {
    return this.#alone(async () => {
      const { identity, ...others } = identified(list, values)
      const id = identity ?? this.#freeId(others)
      const held = this.#item(list, id)
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
      await this.#make((kept) => new Map([...without(kept, list, id), ...changes]))
      return id
    })
  }

  changeItem(list: SettingsList, id: string, values: ItemValues): Promise<void> {
    return this.#alone(() => {
      this.#refuseFixedItem(list, id)
      return this.#make(changesOf(list, id, values))
    })
  }

  remove(list: SettingsList, id: string): Promise<void> {
    return this.#alone(async () => {
      // An item of the page whose id is also fixed elsewhere can be removed.
      if (!this.#options.loaded.leftOut.has(`${list}[${id}]`)) this.#refuseFixedItem(list, id)
      await this.#make((kept) => without(kept, list, id))
      if (list === 'cloud.accounts') await this.#withStore((opened) => opened.forgetSession(id))
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

  /** Saves the changes if the settings are valid with them. @throws BridgeError `BAD_REQUEST` */
  async #make(wanted: Changes | ((kept: Kept) => Changes)): Promise<void> {
    const kept = await this.#withStore(({ settings }) => settings.all())
    const changes = news(kept, typeof wanted === 'function' ? wanted(kept) : wanted)
    if (changes.size === 0) return
    const before = await this.#load(kept)
    const after = await this.#load(changed(kept, changes))
    for (const [key, why] of after.leftOut) {
      const mine = [...changes.keys()].some((other) => other === key || other.startsWith(`${key}.`))
      if (mine || !before.leftOut.has(key)) throw new BridgeError('BAD_REQUEST', `${why}.`, { details: { key } })
    }
    keepsSecretsHome(before, after, changes)
    checkBuildable(after.settings)
    await this.#withStore(({ settings }) => settings.change(changes))
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

  #item(list: SettingsList, id: string) {
    const { accounts, devices } = settingsView(this.#options.loaded)
    return (list === 'devices' ? devices : accounts).find((item) => item.id === id)
  }

  /** The name of the provider, with a number if there are several accounts. */
  #freeId({ provider }: ItemValues): string {
    const name = String(provider)
    for (let number = 1; ; number++) {
      const id = number === 1 ? name : `${name}-${number}`
      if (!this.#item('cloud.accounts', id)) return id
    }
  }

  #refuseFixed(key: string): void {
    const source = this.#options.loaded.origins.get(key)
    if (source === undefined || source === 'default' || source === PAGE) return
    throw fixed(key, source)
  }

  #refuseFixedItem(list: SettingsList, id: string): void {
    const item = this.#item(list, id)
    if (item?.fixed) throw fixed(`${list}[${id}]`, item.source)
  }
}

const fixed = (key: string, source: string): BridgeError =>
  new BridgeError(
    'READ_ONLY',
    `${key} is fixed by ${source}. Change it there, or remove it there and restart the bridge; then it can be set here.`,
    { details: { key, source } },
  )

function notOfPage(key: string): BridgeError {
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

const toKeep = (value: JsonValue, secret: boolean): SettingToKeep | null => (value === null ? null : { value, secret })

function identified(list: SettingsList, values: ItemValues): ItemValues & { readonly identity?: string } {
  const { id, serial, ...others } = values
  const identity = list === 'devices' ? serial : id
  return typeof identity === 'string' ? { ...others, identity: identity.trim() } : others
}

/** @throws BridgeError `UNKNOWN_KEY` for an invalid id or an unknown name */
function changesOf(list: SettingsList, id: string, values: ItemValues): Changes {
  const changes: Changes = new Map()
  for (const [within, value] of flat(values)) {
    const key = itemKey(list, id, within)
    const known = pageKey(key)
    if (!known) {
      const short = JSON.stringify(key.slice(0, 100))
      throw new BridgeError('UNKNOWN_KEY', `${short} is not a setting: an id has 1 to 64 letters, digits, _ or -.`)
    }
    changes.set(key, known.row.nullable && value === '' ? null : toKeep(value, known.row.sensitive))
  }
  return changes
}

/** Values of nested sections by dotted name. */
function flat(values: ItemValues, prefix = ''): [string, JsonValue][] {
  return Object.entries(values).flatMap(([name, value]): [string, JsonValue][] =>
    isObject(value) ? flat(value, `${prefix}${name}.`) : [[prefix + name, plainValue(value)]],
  )
}

/** The schema of the route admits nothing else. */
const plainValue = (value: unknown): JsonValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null

/** Changes that remove everything kept for an item. */
function without(kept: Kept, list: SettingsList, id: string): Changes {
  const prefix = itemKey(list, id, '')
  return new Map([...kept.keys()].filter((key) => key.startsWith(prefix)).map((key) => [key, null]))
}

/** Only the changes that differ from what is kept. */
function news(kept: Kept, changes: Changes): Changes {
  const differs = (key: string, next: SettingToKeep | null) =>
    next === null ? kept.has(key) : JSON.stringify(kept.get(key)) !== JSON.stringify(next.value)
  return new Map([...changes].filter(([key, next]) => differs(key, next)))
}

function changed(kept: Kept, changes: Changes): Kept {
  const all = new Map(kept)
  for (const [key, next] of changes) {
    if (next === null) all.delete(key)
    else all.set(key, next.value)
  }
  return all
}
