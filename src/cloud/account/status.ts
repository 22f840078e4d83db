import type { EventBus } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { AccountView, CloudEvents } from '../events.ts'

/** The visible state of an account. Each change is emitted; a change of state or error is logged once. */
export class AccountStatus {
  readonly #logger: Logger
  readonly #events: EventBus<CloudEvents>
  #view: AccountView

  constructor(initial: AccountView, logger: Logger, events: EventBus<CloudEvents>) {
    this.#view = initial
    this.#logger = logger
    this.#events = events
  }

  get view(): AccountView {
    return this.#view
  }

  show(change: Partial<AccountView>): void {
    const before = this.#view
    this.#view = { ...before, ...change }
    const { state, error } = this.#view
    if (state !== before.state || error?.code !== before.error?.code) this.#tell(this.#view)
    if (JSON.stringify(before) !== JSON.stringify(this.#view)) this.#events.emit('account', this.#view)
  }

  /** For an account that is signed in but provides no devices. */
  tellNoList(): void {
    this.#logger.info(
      'The account stays signed in but provides no keys, because the path of its device list is not known. Set devices.path of the account in the settings',
    )
  }

  #tell({ state, provider, error }: AccountView): void {
    if (error) this.#logger.warn({ state, provider, code: error.code }, error.message)
    else if (state === 'signing_in') this.#logger.debug({ state, provider }, 'Signing in to the cloud')
    else
      this.#logger.info({ state, provider }, state === 'ready' ? 'Signed in to the cloud' : 'Signed out of the cloud')
  }
}
