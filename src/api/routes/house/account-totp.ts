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
  /** Whether it goes with a code. */
  readonly code: boolean
  readonly answer: TSchema
}

/** The second factor of an account whose service has one of an authenticator. What an answer gives is given this once. */
export function accountTotpRoutes(app: App, accounts: Accounts, schemas: ApiSchemas): void {
  for (const operation of operations(schemas)) route(app, accounts, schemas, operation)
}

const operations = (schemas: ApiSchemas): readonly Operation[] => [
  {
    operation: 'setup',
    operationId: 'setUpAccountTotp',
    summary: 'Have the cloud make a secret for the second factor; shown once, in force after activate',
    code: false,
    answer: schemas.totpSetup,
  },
  {
    operation: 'activate',
    operationId: 'activateAccountTotp',
    summary: 'Turn the second factor on; gives recovery codes, shown once',
    code: true,
    answer: schemas.totpActivated,
  },
  {
    operation: 'verify',
    operationId: 'verifyAccountTotp',
    summary: 'End a sign-in that waits for a code, with one the bridge makes if none is given',
    code: true,
    answer: schemas.account,
  },
  {
    operation: 'deactivate',
    operationId: 'deactivateAccountTotp',
    summary: 'Turn the second factor off, and forget its secret',
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
        // No body at all is one without a code.
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

/** Field by field, as everything that leaves. */
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
