import type { TSchema } from 'typebox'
import { BridgeError } from '../../../core/errors.ts'
import type { Accounts, TotpOperation, TotpResult } from '../../../devices/ports.ts'
import type { App } from '../../app.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { accountJson } from '../../views/devices.ts'
import { CLOUD_ERRORS, knownAccount, rateLimit, tags } from './accounts.ts'

interface Operation {
  readonly operation: TotpOperation
  readonly operationId: string
  readonly summary: string
  /** Whether it needs a code. */
  readonly code: boolean
  readonly answer: TSchema
}

/**
 * The second factor of an account whose service supports authenticator apps. Answers contain their secrets only this
 * once.
 */
export function accountTotpRoutes(app: App, accounts: Accounts, schemas: ApiSchemas): void {
  for (const operation of operations(schemas)) route(app, accounts, schemas, operation)
}

const operations = (schemas: ApiSchemas): readonly Operation[] => [
  {
    operation: 'setup',
    operationId: 'setUpAccountTotp',
    summary: 'Get a secret for the second factor from the cloud; shown once, in force after activate',
    code: false,
    answer: schemas.totpSetup,
  },
  {
    operation: 'activate',
    operationId: 'activateAccountTotp',
    summary: 'Turn on the second factor; returns recovery codes, shown once',
    code: true,
    answer: schemas.totpActivated,
  },
  {
    operation: 'verify',
    operationId: 'verifyAccountTotp',
    summary: 'Complete a sign-in that is waiting for a code; without a code, the bridge makes one',
    code: true,
    answer: schemas.account,
  },
  {
    operation: 'deactivate',
    operationId: 'deactivateAccountTotp',
    summary: 'Turn off the second factor and delete its secret',
    code: false,
    answer: schemas.done,
  },
]

function route(app: App, accounts: Accounts, schemas: ApiSchemas, row: Operation): void {
  const { operation, operationId, summary, code, answer } = row
  app.post(
    `/api/v1/cloud/accounts/:id/totp/${operation}`,
    {
      schema: {
        operationId,
        summary,
        tags,
        params: schemas.accountParams,
        ...(code ? { body: schemas.token } : {}),
        response: { 200: answer },
      },
      config: { scope: 'admin', errors: CLOUD_ERRORS, rateLimit },
      preValidation: async (request) => {
        // A missing body counts as one without a code.
        if (code) request.body ??= {}
      },
    },
    async (request) => {
      const { id } = request.params
      knownAccount(accounts, id)
      const body: unknown = request.body
      return json(await accounts.totp(id, operation, { token: tokenIn(body) }), operation)
    },
  )
}

function tokenIn(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string'
    ? body.token
    : undefined
}

/** Field by field, like everything that leaves the bridge. */
function json(result: TotpResult, asked: TotpOperation) {
  if (result.operation !== asked) throw new BridgeError('INTERNAL', `Asked for ${asked}, it did ${result.operation}.`)
  switch (result.operation) {
    case 'setup':
      return { secret_key: result.secret_key, provisioning_uri: result.provisioning_uri }
    case 'activate':
      return { recovery_codes: [...result.recovery_codes] }
    case 'verify':
      return accountJson(result.account)
    case 'deactivate':
      return { ok: true }
  }
}
