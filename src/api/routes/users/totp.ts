import { BridgeError } from '../../../core/errors.ts'
import type { App } from '../../app.ts'
import { fromOf, userOf } from '../../auth/caller.ts'
import type { Access } from '../../auth/index.ts'
import type { ApiSchemas } from '../../schemas/index.ts'

const tags = ['sign-in']
/** Only for a user's own session: a second factor belongs to a person. */
const config = { scope: 'read', session: true, errors: ['BAD_REQUEST'], errorShape: 'fields' } as const

/** The second factor of the signed-in user. */
export function totpRoutes(app: App, access: Access, { signIn: schemas, done }: ApiSchemas): void {
  const { signIn, secondFactor, users } = access

  app.post(
    '/api/v1/auth/totp/setup',
    {
      schema: {
        operationId: 'setupTotp',
        summary: 'Create a secret for an authenticator app; codes are not asked for until it is activated',
        tags,
        response: { 201: schemas.totpSetup },
      },
      config,
    },
    async (request, reply) => reply.code(201).send(secondFactor.setup(userOf(request, users).user)),
  )

  app.post(
    '/api/v1/auth/totp/activate',
    {
      schema: {
        operationId: 'activateTotp',
        summary: 'Activate the second factor with a code from the app; each sign-in then asks for one',
        tags,
        body: schemas.totpActivate,
        response: { 200: schemas.totpActivated },
      },
      config,
    },
    async (request) => ({
      recovery_codes: secondFactor.activate(userOf(request, users).user, request.body.token),
    }),
  )

  app.post(
    '/api/v1/auth/totp/deactivate',
    {
      schema: {
        operationId: 'deactivateTotp',
        summary: 'Turn off the second factor; needs the password and a code',
        tags,
        body: schemas.totpDeactivate,
        response: { 200: done },
      },
      config,
    },
    async (request) => {
      const { user } = userOf(request, users)
      const { password, token } = request.body
      if (!user.totp) throw new BridgeError('BAD_REQUEST', 'No second factor is active.')
      await signIn.confirm(user, password, fromOf(request), 'password')
      signIn.confirmCode(user, token, fromOf(request))
      users.clearTotp(user.id)
      return { ok: true as const }
    },
  )
}
