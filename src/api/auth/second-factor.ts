import { randomBytes, timingSafeEqual } from 'node:crypto'
import { generateSecret, generateSync, generateURI } from 'otplib'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { hashOf } from './credentials/tokens.ts'
import type { UserRecord, UserStore } from './ports.ts'

const STEP_MS = 30_000
const DIGITS = 6
const RECOVERY_CODES = 10
/** 80 bits: a plain hash keeps them. */
const RECOVERY_BYTES = 10
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export interface SecondFactorOptions {
  readonly users: UserStore
  readonly clock: Clock
}

/**
 * TOTP for users, as authenticator apps implement it: SHA-1, 30 s, six digits. It uses the host's wall clock, as the
 * app uses its own; codes of the previous and next step are accepted too. Each code is accepted once.
 */
export class SecondFactor {
  readonly #users: UserStore
  readonly #clock: Clock
  /** The last step of each user whose code was accepted while the store could not save that. */
  readonly #unstored = new Map<number, number>()

  constructor({ users, clock }: SecondFactorOptions) {
    this.#users = users
    this.#clock = clock
  }

  /** Makes a secret; codes are not asked for before `activate`. Throws `BAD_REQUEST` if one is active. */
  setup(user: UserRecord): { readonly secret_key: string; readonly provisioning_uri: string } {
    if (user.totp) throw new BridgeError('BAD_REQUEST', 'A second factor is active already. Deactivate it first.')
    const secret = generateSecret()
    this.#users.setTotpSecret(user.id, secret)
    this.#unstored.delete(user.id)
    const uri = generateURI({
      issuer: 'thermo2mqtt',
      label: user.name,
      secret,
      algorithm: 'sha1',
      digits: 6,
      period: 30,
    })
    return { secret_key: secret, provisioning_uri: uri }
  }

  /** Returns the recovery codes. Throws `BAD_REQUEST` if nothing was set up or the code is wrong. */
  activate(user: UserRecord, code: string): string[] {
    if (user.totp) throw new BridgeError('BAD_REQUEST', 'A second factor is active already.')
    if (this.#users.totpSecret(user.id) === undefined) {
      throw new BridgeError('BAD_REQUEST', 'No second factor is set up. Begin with POST /api/v1/auth/totp/setup.')
    }
    if (!this.#takesCode(user.id, code)) throw wrongCode()
    const codes = Array.from({ length: RECOVERY_CODES }, recoveryCode)
    this.#users.activateTotp(
      user.id,
      codes.map((each) => hashOf(plain(each))),
    )
    return codes
  }

  /** Whether the code or recovery code is correct and unused; it then counts as used. */
  takes(user: UserRecord, code: string): boolean {
    if (/^\d{6}$/.test(plain(code))) return this.#takesCode(user.id, plain(code))
    return this.#users.useRecoveryCode(user.id, hashOf(plain(code)))
  }

  #takesCode(id: number, code: string): boolean {
    const secret = this.#users.totpSecret(id)
    if (secret === undefined) return false
    const now = Math.floor(this.#clock.now() / STEP_MS)
    const right = [now - 1, now, now + 1].filter((step) => isCode(secret, step, plain(code)))
    return right.some((step) => this.#useStep(id, step))
  }

  /** True once per step. A full disk must not keep out people who want to see what is wrong. */
  #useStep(id: number, step: number): boolean {
    if (step <= (this.#unstored.get(id) ?? 0)) return false
    try {
      return this.#users.useTotpStep(id, step)
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      if (step <= this.#users.totpStep(id)) return false
      this.#unstored.set(id, step)
      return true
    }
  }
}

/** The error for a code that was not accepted. */
export const wrongCode = (): BridgeError =>
  new BridgeError('BAD_REQUEST', 'The code is wrong or was used before. Wait for the next one.', {
    details: { field: 'token' },
  })

function isCode(secret: string, step: number, code: string): boolean {
  if (step < 0) return false
  const right = generateSync({ strategy: 'hotp', secret, counter: step, digits: DIGITS })
  return code.length === right.length && timingSafeEqual(Buffer.from(code, 'latin1'), Buffer.from(right, 'latin1'))
}

/** A typed code without spaces and hyphens. */
const plain = (code: string): string => code.replace(/[\s-]/g, '').toUpperCase()

/** Sixteen letters and digits in four groups. */
function recoveryCode(): string {
  const bits = [...randomBytes(RECOVERY_BYTES)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => BASE32.charAt(Number.parseInt(five, 2))).join('')
  return (letters.toLowerCase().match(/.{4}/g) ?? []).join('-')
}
