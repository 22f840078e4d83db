/** Accounts at clouds that are none, which record what they are asked. */
import { BridgeError } from '../../src/core/errors.ts'
import type { Accounts, AccountView, TotpOperation, TotpResult } from '../../src/devices/ports.ts'

export function exampleAccount(changes: Partial<AccountView> = {}): AccountView {
  const code = { takes_code: true, code_from: 'email' } as const
  const account = { id: 'home', provider: 'terneo', state: 'ready', lists_devices: true, ...code } as const
  return { ...account, devices: 1, last_sync: null, error: null, ...changes }
}

/** Accounts whose views a test sets; `failWith` makes every call reject. */
export class FakeAccounts implements Accounts {
  readonly calls: (readonly [
    method: 'sync' | 'login' | 'submitCode' | 'totp' | 'logout',
    id: string | undefined,
    code?: string,
  ])[] = []
  views: AccountView[] = [exampleAccount()]
  failWith: BridgeError | undefined
  onTotp: (operation: TotpOperation, account: AccountView) => TotpResult = (operation, account) => {
    switch (operation) {
      case 'setup':
        return {
          operation,
          secret_key: 'JBSWY3DPEHPK3PXP',
          provisioning_uri: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP',
        }
      case 'activate':
        return { operation, recovery_codes: ['RECOVERY-1', 'RECOVERY-2'] }
      case 'verify':
        return { operation, account }
      case 'deactivate':
        return { operation }
    }
  }

  list(): readonly AccountView[] {
    return this.views
  }

  async sync(id?: string): Promise<readonly AccountView[]> {
    this.calls.push(['sync', id])
    if (id !== undefined) return [this.#answer(id)]
    if (this.failWith) throw this.failWith
    return this.views
  }

  async login(id: string): Promise<AccountView> {
    this.calls.push(['login', id])
    return this.#answer(id)
  }

  async submitCode(id: string, code: string): Promise<AccountView> {
    this.calls.push(['submitCode', id, code])
    return this.#answer(id)
  }

  async totp(id: string, operation: TotpOperation, { token }: { readonly token?: string | undefined }) {
    this.calls.push(['totp', id, `${operation} ${token ?? ''}`])
    return this.onTotp(operation, this.#answer(id))
  }

  async logout(id: string): Promise<AccountView> {
    this.calls.push(['logout', id])
    return this.#answer(id)
  }

  #answer(id: string): AccountView {
    if (this.failWith) throw this.failWith
    const view = this.views.find((candidate) => candidate.id === id)
    if (!view) throw new BridgeError('BAD_REQUEST', `No account has the id ${id}.`)
    return view
  }
}
