import type { ErrorCode } from '../../../core/errors.ts'
import type { Accounts, AccountView } from '../../../devices/ports.ts'
import type { App } from '../../app.ts'
import { HttpError } from '../../errors.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { accountJson } from '../../views/devices.ts'

export const CLOUD_ERRORS: readonly ErrorCode[] = [
  'BAD_REQUEST',
  'CLOUD_UNREACHABLE',
  'CLOUD_AUTH',
  'CLOUD_CODE_NEEDED',
  'CLOUD_RATE_LIMITED',
]

export const tags = ['cloud']

/** Each of these requests goes to the vendor's cloud, which blocks accounts that ask too often. */
export const rateLimit = { max: 10, timeWindow: 60_000 }

/** @throws HttpError 404 */
export function knownAccount(accounts: Accounts, id: string): AccountView {
  const view = accounts.list().find((account) => account.id === id)
  if (view) return view
  throw new HttpError(404, `No account has the id ${id}. GET /api/v1/cloud/accounts lists the configured accounts.`)
}

export function accountRoutes(app: App, accounts: Accounts, schemas: ApiSchemas): void {
  /** One action on an account, answered with the account's new state. */
  const post = (path: string, operationId: string, summary: string, run: (id: string) => Promise<AccountView>) =>
    app.post(
      `/api/v1/cloud/accounts/:id/${path}`,
      {
        schema: { operationId, summary, tags, params: schemas.accountParams, response: { 200: schemas.account } },
        config: { scope: 'admin', errors: CLOUD_ERRORS, rateLimit },
      },
      async (request) => {
        known(request.params.id)
        return accountJson(await run(request.params.id))
      },
    )

  const known = (id: string) => knownAccount(accounts, id)

  app.get(
    '/api/v1/cloud/accounts',
    {
      schema: {
        operationId: 'listAccounts',
        summary: 'The cloud accounts and their states',
        tags,
        response: { 200: schemas.accounts },
      },
      config: { scope: 'read' },
    },
    async () => ({ accounts: accounts.list().map(accountJson) }),
  )

  post('sync', 'syncAccount', 'Fetch the devices and their keys now', async (id) => {
    const views = await accounts.sync(id)
    return views.find((view) => view.id === id) ?? known(id)
  })
  post('login', 'loginAccount', 'Sign in to the cloud now', (id) => accounts.login(id))
  post('logout', 'logoutAccount', 'End the session and stay signed out until the next login', (id) =>
    accounts.logout(id),
  )

  app.post(
    '/api/v1/cloud/accounts/:id/code',
    {
      schema: {
        operationId: 'submitCode',
        summary: 'Enter the code that the sign-in is waiting for',
        tags,
        params: schemas.accountParams,
        body: schemas.code,
        response: { 200: schemas.account },
      },
      config: { scope: 'admin', errors: CLOUD_ERRORS, rateLimit },
    },
    async (request) => {
      known(request.params.id)
      return accountJson(await accounts.submitCode(request.params.id, request.body.code))
    },
  )
}
