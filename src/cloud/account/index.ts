/** One account of a cloud, and the keys that accounts provide. */
import type { Clock, Timer } from '../../core/clock.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import type { EventBus } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { AccountView, CloudEvents } from '../events.ts'
import { CodeRefused, codeNotTried, Deferred, LoginRefused, notRevoked, OperationRefused } from '../failures.ts'
import type { Directory, Provider, Session } from '../services/provider.ts'
import { type KeySink, putKeys } from './keyring.ts'
import { CATCH_UP_MS, type Pace } from './pace.ts'
import { Refreshes } from './refreshes.ts'
import type { SignIn } from './sign-in.ts'
import { AccountStatus } from './status.ts'
import type { TotpMemory } from './totp-memory.ts'
import {
  checkedCode,
  manageTotp,
  ownCode,
  type TotpInput,
  type TotpOperation,
  type TotpResult,
} from './totp-operations.ts'

export interface AccountOptions {
  readonly id: string
  readonly provider: string
  readonly serviceHas: Pick<AccountView, 'takes_code' | 'code_from' | 'lists_devices'>
  /** The login flow, loaded when it is first needed. */
  readonly connect: () => Promise<Provider>
  readonly signIn: SignIn
  readonly pace: Pace
  readonly totp: TotpMemory
  readonly keys: KeySink
  readonly clock: Clock
  readonly logger: Logger
  readonly events: EventBus<CloudEvents>
  /** What follows from a failure that is nobody's refusal, as a sentence: whether it is tried again, or what to do. */
  readonly again: (failure: BridgeError) => string
}

/**
 * One account, kept signed in and in sync with its device list. It does one thing at a time; a request for a sync
 * during a sync joins that one. It never throws from a timer: problems appear in its view.
 */
export class Account {
  readonly id: string
  readonly #options: AccountOptions
  readonly #signIn: SignIn
  readonly #pace: Pace
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #events: EventBus<CloudEvents>
  readonly #status: AccountStatus
  readonly #stop = new AbortController()
  readonly #refreshes: Refreshes
  #serials: ReadonlySet<string> | undefined
  #flow: Provider | undefined
  #tail: Promise<unknown> = Promise.resolve()
  #syncing: Promise<unknown> | undefined
  #timer: Timer | undefined

  constructor(options: AccountOptions) {
    this.id = options.id
    this.#options = options
    this.#signIn = options.signIn
    this.#pace = options.pace
    this.#clock = options.clock
    this.#logger = options.logger.child({ account: options.id })
    this.#events = options.events
    const initial: AccountView = {
      id: options.id,
      provider: options.provider,
      state: options.signIn.challenge ? 'code_needed' : 'signed_out',
      ...options.serviceHas,
      devices: 0,
      last_sync: null,
      error: null,
    }
    this.#status = new AccountStatus(initial, this.#logger, options.events)
    const { id, clock } = options
    const [sync, failure] = [() => this.#sync(false), () => this.view.error?.message]
    this.#refreshes = new Refreshes({ account: id, clock, signal: this.#stop.signal, sync, failure })
  }

  get view(): AccountView {
    return this.#status.view
  }

  /** Whether the account's last list contained the device; undefined before the first list. */
  lists(serial: string): boolean | undefined {
    return this.#serials?.has(serial)
  }

  /** Starts syncing, now and regularly. */
  start(): void {
    void this.#sync(false)
  }

  /** Aborts work in progress and cancels plans. Resolves when nothing of the account is running. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#timer?.cancel()
    this.#refreshes.stop()
    await this.#tail
  }

  /** Fetches the device list now, for a person: signs in even if that was just refused. Never rejects. */
  async sync(): Promise<AccountView> {
    await this.#sync(true)
    return this.#status.view
  }

  /** Fetches the device list because a device refused its key, but not after the password was refused: see `Refreshes`. */
  refresh(serial: string): Promise<string | undefined> {
    return this.#refreshes.of(serial)
  }

  /** Signs in for a person and syncs; a login waiting for its code is restarted. Never rejects. */
  async login(): Promise<AccountView> {
    const readmit = () => this.#signIn.readmit()
    await this.#alone(async (flow) => {
      if (this.#signIn.challenge) await this.#signIn.start(flow, true, this.#stop.signal)
      await this.#list(flow, true)
    }, readmit)
    return this.#status.view
  }

  /**
   * Continues with the code from a person, and syncs.
   * @throws BridgeError `BAD_REQUEST` if no code is expected, `CLOUD_AUTH` if it is not accepted (the account then
   * waits for another one), or why the cloud could not be reached.
   */
  async submitCode(code: string): Promise<AccountView> {
    const checked = checkedCode(code)
    return this.#submit(() => checked)
  }

  /**
   * Manages the second factor of an account whose service supports authenticator apps. The result is returned only
   * once; it is stored encrypted.
   * @throws BridgeError `BAD_REQUEST` if the service has none or does not allow it now, like `submitCode` for `verify`,
   * or why signing in failed.
   */
  async totp(operation: TotpOperation, input: TotpInput): Promise<TotpResult> {
    const code = input.token === undefined ? undefined : checkedCode(input.token)
    if (operation === 'verify') {
      return { operation, account: await this.#submit((flow) => code ?? ownCode(flow, this.#options.totp)) }
    }
    let result: TotpResult | undefined
    let refused: unknown
    const failed = await this.#alone(async (flow) => {
      try {
        if (this.#signIn.isSignedOut())
          throw new OperationRefused('BAD_REQUEST', 'The account is signed out. Sign in first.')
        if (this.#status.view.state !== 'ready') await this.#list(flow, true)
        const { signal } = this.#stop
        result = await this.#signIn.use(flow, true, signal, (session) =>
          manageTotp({ operation, code, flow, memory: this.#options.totp, session, signal }),
        )
      } catch (error) {
        if (!(error instanceof OperationRefused)) throw error
        refused = error
      }
    })
    if (!result) throw asBridgeError(refused ?? failed)
    return result
  }

  /** Ends the session, and stays signed out until `login`. Never rejects; a failed revocation appears in the view. */
  async logout(): Promise<AccountView> {
    let session: Session | undefined
    const forget = () => {
      session = this.#signIn.end()
    }
    const failed = await this.#alone(async (flow) => {
      if (session) await flow.logout(session, this.#stop.signal)
    }, forget)
    this.#status.show({ state: 'signed_out', error: failed ? notRevoked(failed).body() : null })
    return this.#status.view
  }

  async #submit(codeOf: (flow: Provider) => string): Promise<AccountView> {
    let answered = false
    let refused: unknown
    const failed = await this.#alone(async (flow) => {
      answered = true
      try {
        await this.#signIn.submit(codeOf(flow), flow, this.#stop.signal)
      } catch (error) {
        refused = error
        if (error instanceof Deferred) this.#pace.failed(error)
        // An expired login is restarted at once, while the person is there.
        if (error instanceof CodeRefused && error.over) await this.#signIn.start(flow, false, this.#stop.signal)
        return
      }
      await this.#list(flow, true)
    })
    if (refused) throw codeNotTried(asBridgeError(refused))
    if (failed && !answered) throw failed
    return this.#status.view
  }

  #sync(asked: boolean): Promise<unknown> {
    this.#syncing ??= this.#alone((flow) => this.#list(flow, asked)).finally(() => {
      this.#syncing = undefined
    })
    return this.#syncing
  }

  /**
   * Runs one piece of work after the present one, and handles its outcome. Never rejects; resolves with the error.
   * @param first what is done even while the service asked not to be called.
   */
  #alone(work: (flow: Provider) => Promise<void>, first?: () => void): Promise<BridgeError | undefined> {
    const run = this.#tail.then(async () => {
      if (this.#stop.signal.aborted) return undefined
      this.#timer?.cancel()
      const failure = await this.#attempt(work, first)
      this.#plan()
      return failure
    })
    this.#tail = run
    return run
  }

  async #attempt(work: (flow: Provider) => Promise<void>, first?: () => void): Promise<BridgeError | undefined> {
    try {
      first?.()
      this.#pace.check()
      this.#flow ??= await this.#options.connect()
      await work(this.#flow)
      return undefined
    } catch (error) {
      const failure = asBridgeError(error)
      if (!this.#stop.signal.aborted) this.#failed(failure)
      return failure
    }
  }

  /** Reads the device list, signing in first if needed, and again if the session is not accepted. */
  async #list(flow: Provider, asked: boolean): Promise<void> {
    if (this.#signIn.isSignedOut()) {
      if (this.#status.view.state !== 'signed_out') this.#status.show({ state: 'signed_out', error: null })
      return
    }
    const { signal } = this.#stop
    if (this.#status.view.state === 'signed_out') this.#status.show({ state: 'signing_in' })
    await this.#listed(await this.#signIn.use(flow, asked, signal, (session) => flow.devices(session, signal)))
  }

  async #listed(directory: Directory | undefined): Promise<void> {
    this.#pace.succeeded()
    const last_sync = new Date(this.#clock.now()).toISOString()
    if (!directory) {
      if (this.#status.view.last_sync === null) this.#status.tellNoList()
      this.#status.show({ state: 'ready', last_sync, error: null })
      return
    }
    const { devices, dropped, cut } = directory
    const keys = devices.flatMap(({ serial, key }) => (key === undefined ? [] : [{ serial, key }]))
    const changes = await putKeys(this.#options.keys, this.#clock, this.id, keys)
    this.#serials = new Set([...(cut === null ? [] : (this.#serials ?? [])), ...devices.map(({ serial }) => serial)])
    if (Object.keys(dropped).length > 0) this.#logger.warn({ dropped }, 'Records of the device list were incomplete')
    const error =
      cut === null ? null : new BridgeError('CLOUD_UNREACHABLE', `The device list is incomplete: ${cut}.`).body()
    this.#status.show({ state: 'ready', devices: this.#serials.size, last_sync, error })
    const listed = devices.map(({ serial, name, type, version }) => ({ serial, name, type, version }))
    this.#events.emit('devices', { account: this.id, devices: listed })
    for (const change of changes) this.#events.emit('key', { ...change, account: this.id })
    this.#logger.debug({ devices: devices.length, changed_keys: changes.length }, 'Synchronised')
  }

  #failed(error: BridgeError): void {
    this.#events.emit('failed', { account: this.id, code: error.code })
    if (error.code === 'INTERNAL')
      this.#logger.error({ err: error.cause ?? error }, 'The account could not be synchronised')
    if (error.code === 'CLOUD_CODE_NEEDED') {
      this.#status.show({ state: 'code_needed', error: error.body() })
      return
    }
    if (error.code === 'CLOUD_AUTH') {
      // Waiting for the next attempt is not news: what the service said stays visible.
      const known = this.#status.view.state === 'auth_failed' && error instanceof LoginRefused
      this.#status.show({ state: 'auth_failed', error: known ? this.#status.view.error : error.body() })
      return
    }
    this.#pace.failed(error)
    const message = `${error.message} ${this.#options.again(error)}`
    this.#status.show({ state: 'unreachable', error: { ...error.body(), message } })
  }

  /** Sets the single timer, depending on the account's state. */
  #plan(): void {
    if (this.#stop.signal.aborted) return
    const { refusedFor, sessionFor, signedOut } = this.#signIn
    const wait = signedOut ? CATCH_UP_MS : this.#pace.next(this.#status.view.state, refusedFor, sessionFor)
    this.#timer = this.#clock.timer(wait, () => void this.#sync(false))
  }
}
