/** The shapes of cloud accounts, and of what their second factor asks for. */
import * as Type from 'typebox'
import { ACCOUNT_STATES } from '../../devices/ports.ts'
import type { ProblemSchema } from './problem.ts'

export function accountSchemas(problem: ProblemSchema) {
  const account = Type.Object(
    {
      id: Type.String(),
      provider: Type.String(),
      state: Type.Unsafe<(typeof ACCOUNT_STATES)[number]>(Type.Enum([...ACCOUNT_STATES])),
      takes_code: Type.Boolean({ description: 'Whether its service can ask for a code besides the password.' }),
      devices: Type.Integer({ minimum: 0, description: 'How many devices the last list named.' }),
      last_sync: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
      error: Type.Union([problem, Type.Null()]),
    },
    { $id: 'Account' },
  )

  return {
    account,
    accounts: Type.Object({ accounts: Type.Array(account) }),
    code: Type.Object(
      {
        code: Type.String({
          minLength: 1,
          maxLength: 32,
          pattern: '^[A-Za-z0-9 -]+$',
          description: 'The code that the account waits for, as it came by e-mail, SMS or from an authenticator app.',
        }),
      },
      { additionalProperties: false },
    ),
    token: Type.Object(
      {
        token: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 32,
            pattern: '^[A-Za-z0-9 -]+$',
            description:
              'The code that an authenticator app shows; without it the bridge makes it of the secret it holds.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    totpSetup: Type.Object({
      secret_key: Type.String({ description: 'Secret of the second factor, base32. Shown this once.' }),
      provisioning_uri: Type.String({ description: 'The same for an authenticator app, as otpauth:// address.' }),
    }),
    totpActivated: Type.Object({
      recovery_codes: Type.Array(Type.String(), { description: 'Each signs in once without a code. Shown this once.' }),
    }),
    accountParams: Type.Object({
      id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Id of the account in the settings.' }),
    }),
  }
}
