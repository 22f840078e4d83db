import type { Test } from 'tap'
import type { AccountSettings } from '../../src/cloud/services/known.ts'
import type { VirtualService } from '../../src/simulator/index.ts'
import type { FakeClock } from '../support/fake-clock.ts'
import { EMAIL, SERIAL, startBearer, startOmnitron, startTxty } from '../support/simulator.ts'

export const TOTP_SECRET = 'JBSWY3DPEHPK3PXP'

/** What the tests that hold for each of the three services need to know of one. */
export interface Harness {
  readonly name: string
  readonly service: VirtualService
  /** Settings of an account there, with its device list. */
  readonly account: Partial<AccountSettings>
  /** The code that the person holds now. */
  code(): string
  /** How many codes were sent to anybody. */
  sent(): number
  failedLogins(): number
  revoke(): void
  /** Lists another key for the device. */
  rebind(key: string): void
  changePassword(password: string): void
}

interface StartOptions {
  readonly clock: FakeClock
  readonly secondFactor: boolean
}

async function bearer(t: Test, { clock, secondFactor }: StartOptions): Promise<Harness> {
  const service = await startBearer(t, { clock, has2fa: secondFactor })
  return {
    name: 'bearer',
    service,
    account: { provider: 'bearer', url: service.url, devices: { path: '/api/v1/devices/', items: 'results' } },
    code: () => service.mails.at(-1) ?? '',
    sent: () => service.mails.length,
    failedLogins: () => service.failedLogins,
    revoke: () => service.revokeTokens(),
    rebind: (key) => service.setKey(SERIAL, key),
    changePassword: (password) => service.changePassword(EMAIL, password),
  }
}

async function omnitron(t: Test, { clock, secondFactor }: StartOptions): Promise<Harness> {
  const service = await startOmnitron(t, { clock, ...(secondFactor ? { totpSecret: TOTP_SECRET } : {}) })
  return {
    name: 'omnitron',
    service,
    account: { provider: 'omnitron', url: service.url, devices: { path: '/api/devices/', items: 'results' } },
    code: () => service.codeFor(TOTP_SECRET),
    sent: () => 0,
    failedLogins: () => service.failedLogins,
    revoke: () => service.revokeTokens(),
    rebind: (key) => service.setKey(SERIAL, key),
    changePassword: (password) => service.changePassword(EMAIL, password),
  }
}

async function txty(t: Test, { clock, secondFactor }: StartOptions): Promise<Harness> {
  const service = await startTxty(t, { clock, twoFactor: secondFactor })
  const devices = { path: '/device/list.json', items: 'data.list', serial: 'serial', key: 'secret.totp' }
  return {
    name: 'txty',
    service,
    account: { provider: 'txty', url: service.url, devices },
    code: () => service.messages.at(-1) ?? '',
    sent: () => service.messages.length,
    failedLogins: () => service.failedLogins,
    revoke: () => service.revokeTokens(),
    rebind: (key) => service.setKey(SERIAL, key),
    changePassword: (password) => service.changePassword(EMAIL, password),
  }
}

/** Each starts one of the services with the example account. */
export const HARNESSES = { bearer, omnitron, txty } as const

/** The step that a code is posted to. */
export const CODE_STEP = { bearer: 'code', omnitron: 'verify', txty: 'login' } as const

export const NAMES = ['bearer', 'omnitron', 'txty'] as const
