/** Accounts are signed in before they are saved. Until then nothing of them is kept but in memory. */
import { createHash, randomUUID } from 'node:crypto'
import type { AccountAnswer, ItemValues } from '../../api/schemas/settings.ts'
import type { AccountSettings } from '../../cloud/services/known.ts'
import { type SignedIn, Trial } from '../../cloud/trial.ts'
import type { Clock, Timer } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'

/** Milliseconds that a sign-in waits for its code: services let codes end sooner. */
const LONGEST_WAIT = 10 * 60_000
/** The most sign-ins at a time; a further one ends the oldest. */
const MOST = 8

/** What somebody asked for. */
export interface AccountWish {
  /** The account to change; undefined for a new one. */
  readonly change?: string
  readonly values: ItemValues
}

export interface AccountTrialsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: SecretValues
  readonly secretOf: (name: string) => string | undefined
  /** Saves what was asked for, with the session. Resolves with the id. @throws BridgeError if it is not valid any more */
  readonly save: (wish: AccountWish, session: SignedIn | undefined) => Promise<string>
}

interface Waiting {
  readonly id: string
  readonly asked: string
  readonly wish: AccountWish
  readonly trial: Trial
}

export class AccountTrials {
  readonly #options: AccountTrialsOptions
  /** By what was asked for: whoever asks for the same again gets the same answer, and no second code is sent. */
  readonly #answers = new Map<string, Promise<AccountAnswer>>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #ends = new Map<string, Timer>()
  /** Sign-ins whose code is being tried. */
  readonly #busy = new Set<string>()
  readonly #running = new Set<Trial>()
  /** By address of the service: monotonic ms until which it asked not to be called. */
  readonly #deferred = new Map<string, number>()
  #stopped = false

  constructor(options: AccountTrialsOptions) {
    this.#options = options
  }

  /**
   * Signs in, and saves the account unless a code is needed first.
   * @throws BridgeError why it can't sign in or be saved; then nothing of it is kept
   */
  begin(wish: AccountWish, account: AccountSettings): Promise<AccountAnswer> {
    const asked = createHash('sha256').update(JSON.stringify(wish)).digest('hex')
    const known = this.#answers.get(asked)
    if (known) return known
    const answer = this.#begin(asked, wish, account)
    this.#answers.set(asked, answer)
    const over = () => this.#answers.delete(asked)
    answer.then((given) => given.sign_in === null && over(), over)
    return answer
  }

  /** Goes on with a code. An error whose `reason` is `over` has ended the sign-in. @throws BridgeError */
  async submit(id: string, code: string): Promise<AccountAnswer> {
    const waiting = this.#need(id)
    const { trial, wish } = waiting
    this.#busy.add(id)
    this.#ends.get(id)?.cancel()
    try {
      if (!(await trial.submit(code))) return this.#await(waiting)
      this.#end(waiting)
      return await this.#save(wish, trial)
    } catch (error) {
      if (this.#waiting.has(id) && trial.view.state === 'code_needed') {
        this.#await(waiting)
        throw error
      }
      this.#end(waiting)
      await this.#abandon(trial, error)
      throw ended(error)
    } finally {
      this.#busy.delete(id)
    }
  }

  /** Ends a sign-in that waits for a code. @throws BridgeError `BAD_REQUEST` if there is none */
  async cancel(id: string): Promise<void> {
    const waiting = this.#need(id)
    this.#end(waiting)
    await this.#abandon(waiting.trial)
  }

  /** Ends all of them; nobody begins another one. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const waiting of this.#waiting.values()) this.#end(waiting)
    await Promise.all([...this.#running].map((trial) => trial.stop()))
  }

  async #begin(asked: string, wish: AccountWish, account: AccountSettings): Promise<AccountAnswer> {
    if (this.#stopped) throw new BridgeError('CLOUD_UNREACHABLE', STOPPING)
    const trial = new Trial({ ...this.#options, account, random: Math.random })
    try {
      this.#checkDeferred(trial)
      this.#running.add(trial)
      if (await trial.begin()) return await this.#save(wish, trial)
      return this.#await({ id: randomUUID(), asked, wish, trial })
    } catch (error) {
      await this.#abandon(trial, error)
      throw error
    }
  }

  async #save(wish: AccountWish, trial: Trial): Promise<AccountAnswer> {
    const id = await this.#options.save(wish, trial.signedIn)
    await trial.keep()
    this.#running.delete(trial)
    return { id, ...shown(trial) }
  }

  #await(waiting: Waiting): AccountAnswer {
    const { id, trial, wish } = waiting
    const oldest = [...this.#waiting.values()].find((other) => other.id !== id && !this.#busy.has(other.id))
    if (oldest && this.#waiting.size >= MOST) this.#drop(oldest)
    this.#waiting.set(id, waiting)
    const timer = this.#options.clock.timer(LONGEST_WAIT, () => this.#drop(waiting))
    this.#ends.set(id, timer)
    return { id: wish.change ?? null, ...shown(trial), sign_in: id }
  }

  #drop(waiting: Waiting): void {
    this.#end(waiting)
    void this.#abandon(waiting.trial)
  }

  #end({ id, asked }: Waiting): void {
    this.#waiting.delete(id)
    this.#answers.delete(asked)
    this.#ends.get(id)?.cancel()
    this.#ends.delete(id)
  }

  async #abandon(trial: Trial, error?: unknown): Promise<void> {
    const { clock } = this.#options
    const after = error instanceof BridgeError ? error.details?.retry_after : undefined
    // What is refused here has not been asked for again.
    if (typeof after === 'number' && this.#running.has(trial)) {
      this.#deferred.set(trial.place, clock.monotonic() + after * 1000)
    }
    await trial.abandon()
    this.#running.delete(trial)
  }

  #checkDeferred({ place }: Trial): void {
    const now = this.#options.clock.monotonic()
    for (const [where, until] of this.#deferred) if (until <= now) this.#deferred.delete(where)
    const until = this.#deferred.get(place)
    if (until === undefined) return
    const seconds = Math.ceil((until - now) / 1000)
    throw new BridgeError(
      'CLOUD_RATE_LIMITED',
      `The cloud asked not to be called for another ${seconds} s. Try again then.`,
      {
        details: { retry_after: seconds },
      },
    )
  }

  #need(id: string): Waiting {
    const waiting = this.#waiting.get(id)
    if (!waiting) throw ended(new BridgeError('BAD_REQUEST', OVER))
    if (this.#busy.has(id)) throw new BridgeError('BAD_REQUEST', 'A code for this sign-in is being tried already.')
    return waiting
  }
}

const STOPPING = 'Nobody can sign in now, because the bridge stops or restarts. Try again in a moment.'

const OVER =
  'This sign-in is over: it was completed or given up, its code did not come within ten minutes, or the bridge has restarted. Begin again; nothing was saved of it unless the account is listed.'

const shown = ({ view }: Trial) => ({
  sign_in: null,
  code_from: view.code_from,
  devices: view.devices,
  lists_devices: view.lists_devices,
})

/** Tells that no other code helps. */
function ended(error: unknown): unknown {
  if (!(error instanceof BridgeError)) return error
  return new BridgeError(error.code, error.message, { details: { ...error.details, reason: 'over' }, cause: error })
}
