/** The shapes of cloud accounts and of their second factor. */
import * as Type from 'typebox'
import { ACCOUNT_STATES } from '../../devices/ports.ts'
import type { ProblemSchema } from './problem.ts'

const CODES_FROM = ['email', 'phone', 'app'] as const

export function accountSchemas(problem: ProblemSchema) {
  const account = Type.Object(
    {
      id: Type.String(),
      provider: Type.String(),
      state: Type.Unsafe<(typeof ACCOUNT_STATES)[number]>(Type.Enum([...ACCOUNT_STATES])),
      takes_code: Type.Boolean({ description: 'Whether its service can ask for a code in addition to the password.' }),
      code_from: Type.Union([Type.Unsafe<(typeof CODES_FROM)[number]>(Type.Enum([...CODES_FROM])), Type.Null()], {
        description: 'Where such a code comes from; null if there is none.',
      }),
      lists_devices: Type.Boolean({
        description:
          'Whether it is known where its device list is. Without one, the account is signed in but brings neither thermostats nor keys.',
      }),
      devices: Type.Integer({ minimum: 0, description: 'Number of devices in the last list.' }),
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
          description: 'The code that the account is waiting for, from an e-mail, an SMS or an authenticator app.',
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
            description: 'The code from an authenticator app; without it, the bridge makes one from the secret it has.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    totpSetup: Type.Object({
      secret_key: Type.String({ description: 'Secret of the second factor, base32. Shown only once.' }),
      provisioning_uri: Type.String({ description: 'The same for an authenticator app, as an otpauth:// address.' }),
    }),
    totpActivated: Type.Object({
      recovery_codes: Type.Array(Type.String(), {
        description: 'Each works once in place of a code. Shown only once.',
      }),
    }),
    accountParams: Type.Object({
      id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Id of the account in the settings.' }),
    }),
  }
}
