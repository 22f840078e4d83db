/** An account at a cloud that sends codes by mail. */
import type { Test } from 'tap'
import { Account } from '../../../src/cloud/account/index.ts'
import { AccountRecord } from '../../../src/cloud/account/memory.ts'
import { Pace } from '../../../src/cloud/account/pace.ts'
import { SignIn } from '../../../src/cloud/account/sign-in.ts'
import { TotpMemory } from '../../../src/cloud/account/totp-memory.ts'
import { CodeRefused, Deferred, SessionRejected } from '../../../src/cloud/failures.ts'
import type { Provider, Session, Step } from '../../../src/cloud/services/provider.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { EventBus } from '../../../src/core/events.ts'
import { open } from '../../store/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { HOUR } from '../support.ts'

/** A login flow that has its code mailed: what later flows do, without the wire. */
export class MailedCode implements Provider {
  readonly calls: string[] = []
  readonly good = new Set<string>()
  code = '123456'
  expiresAt: number | undefined
  canRefresh = false
  down = false
  /** Milliseconds that it wants to be left alone. */
  wait: number | undefined
  tries = 3
  #mails = 0

  async start(): Promise<Step> {
    this.calls.push('start')
    this.#fail()
    this.#mails++
    this.tries = 3
    return {
      kind: 'code_needed',
      challenge: { prompt: 'A code was sent by e-mail.', reference: `/otp/${this.#mails}/secret`, since: 0 },
    }
  }

  async resume({ reference }: { reference: string }, code: string): Promise<Step> {
    this.calls.push(`resume ${reference} ${code}`)
    this.#fail()
    if (code === this.code) return { kind: 'signed_in', session: this.#session('first') }
    this.tries--
    throw new CodeRefused('That code is not the one that was sent.', this.tries === 0)
  }

  async refresh(session: Session): Promise<Session | undefined> {
    this.calls.push(`refresh ${session.refreshToken}`)
    this.#fail()
    return this.canRefresh ? this.#session('renewed') : undefined
  }

  async logout(session: Session): Promise<void> {
    this.calls.push(`logout ${session.token}`)
    this.#fail()
    this.good.delete(session.token)
  }

  authorise<Request>(request: Request): Request {
    return request
  }

  async devices(session: Session): Promise<undefined> {
    this.calls.push(`devices ${session.token}`)
    this.#fail()
    if (!this.good.has(session.token)) throw new SessionRejected('cloud.example')
  }

  #session(name: string): Session {
    const token = `${name}-token`
    this.good.add(token)
    return {
      token,
      refreshToken: `${name}-refresh`,
      ...(this.expiresAt === undefined ? {} : { expiresAt: this.expiresAt }),
    }
  }

  #fail(): void {
    if (this.wait !== undefined) throw new Deferred('CLOUD_RATE_LIMITED', 'cloud.example asks to wait.', this.wait)
    if (this.down) throw new BridgeError('CLOUD_UNREACHABLE', 'cloud.example is down.')
  }
}

export function account(t: Test, provider: MailedCode, dataDir = t.testdir(), clock = new FakeClock()) {
  const { store, log } = open(t, dataDir, { clock })
  const settings = { id: 'home', provider: 'mailed', username: 'me', password: 'myPassword' }
  const record = new AccountRecord({
    store: store.sessions,
    account: settings,
    base: new URL('https://cloud.example'),
    secrets: log.secrets,
  })
  const account = new Account({
    ...settings,
    serviceHas: { takes_code: true, code_from: 'email', lists_devices: true },
    connect: async () => provider,
    signIn: new SignIn({ account: 'home', record, clock }),
    pace: new Pace({ syncInterval: HOUR, clock, random: () => 0.5 }),
    totp: new TotpMemory({
      store: store.values,
      account: 'home',
      identity: 'me',
      configured: null,
      secrets: log.secrets,
    }),
    keys: store.keys,
    clock,
    logger: log.logger,
    events: new EventBus(() => {}),
    again: () => 'It is tried again later.',
  })
  const close = async () => {
    await account.stop()
    store.close()
  }
  t.teardown(close)
  return { account, clock, log, close }
}
