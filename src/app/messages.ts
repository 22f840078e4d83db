/** Loads the messages to people only where a way for them is set up. */
import type { MessageTests } from '../api/types.ts'
import type { Settings } from '../config/index.ts'
import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { Devices } from '../devices/ports.ts'
import type { Messages } from '../messages/index.ts'
import type { Store } from '../store/store.ts'

export interface LazyMessagesOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly events: Pick<Devices['events'], 'on'>
  readonly store: Pick<Store, 'values'>
  readonly settings: Settings
}

export class LazyMessages implements MessageTests {
  readonly #options: LazyMessagesOptions
  #messages: Messages | undefined

  constructor(options: LazyMessagesOptions) {
    this.#options = options
  }

  /** How many messages wait, and which ways have not taken the last one. */
  get status() {
    const { waiting, failing } = this.#messages?.status ?? { waiting: 0, failing: [] }
    return { enabled: this.#messages !== undefined, waiting, failing: [...failing] }
  }

  async start(): Promise<void> {
    const { clock, events, logger, store, settings } = this.#options
    const { ntfy, telegram, email, webhook } = settings.messages
    const ways = [ntfy.topic_url, telegram.token, email.host, webhook.hook_url]
    if (ways.every((way) => way === null)) return
    const { channelsOf, Messages } = await import('../messages/index.ts')
    this.#messages = new Messages({
      ...{ clock, logger, events, memory: store.values, site: settings.site, settings: settings.messages },
      channels: channelsOf(settings.messages),
    })
    this.#messages.start()
  }

  /** Resolves within two seconds. */
  async stop(): Promise<void> {
    await this.#messages?.stop()
  }

  async test() {
    if (this.#messages) return this.#messages.test()
    throw new BridgeError(
      'BAD_REQUEST',
      'No way for messages is set up. Set up ntfy, Telegram, e-mail or a webhook first.',
    )
  }
}
