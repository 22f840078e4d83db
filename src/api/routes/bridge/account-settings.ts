/** The accounts in the settings. */
import type { App } from '../../app.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { CLOUD_ERRORS } from '../house/accounts.ts'
import { change, checkKnown, ERRORS, type GetDesk } from './setting-change.ts'

const TRIED = `The bridge signs in first. 201 or 200: it is signed in, saved, and in force within seconds. 202: the service asks for a
code; send that with \`POST /cloud/sign-ins/{id}/code\` within ten minutes. Any error: nothing was saved, and nothing is left of
the try. Restarts of the bridge end a sign-in that waits for its code.`

/** The cloud accounts, one by one: signed in, then saved. */
export function accountSettingRoutes(app: App, desk: GetDesk, all: ApiSchemas): void {
  const { settings: schemas, accountParams, done } = all
  signInRoutes(app, desk, all)
  const config = { ...change, errors: [...ERRORS, ...CLOUD_ERRORS], audit: 'body' } as const
  const response = { 202: schemas.accountAnswer }

  app.post(
    '/api/v1/cloud/accounts',
    {
      schema: {
        operationId: 'addAccount',
        summary: 'Sign a cloud account in, and add it',
        description: TRIED,
        tags: ['cloud'],
        body: schemas.newAccount,
        response: { 201: schemas.accountAnswer, ...response },
      },
      config,
    },
    async (request, reply) => {
      const answer = await desk().addAccount(request.body)
      if (answer.id !== null) request.note = { ...request.note, target: answer.id }
      return reply.code(answer.sign_in === null ? 201 : 202).send(answer)
    },
  )

  app.patch(
    '/api/v1/cloud/accounts/:id',
    {
      schema: {
        operationId: 'changeAccount',
        summary: 'Sign a cloud account in with changes, and save them',
        description: `${TRIED} Changes of \`devices\` alone are saved without a sign-in.`,
        tags: ['cloud'],
        params: accountParams,
        body: schemas.accountChanges,
        response: { 200: schemas.accountAnswer, ...response },
      },
      config,
    },
    async (request, reply) => {
      checkKnown(desk(), 'cloud.accounts', request.params.id)
      const answer = await desk().changeAccount(request.params.id, request.body)
      return reply.code(answer.sign_in === null ? 200 : 202).send(answer)
    },
  )

  app.delete(
    '/api/v1/cloud/accounts/:id',
    {
      schema: {
        operationId: 'removeAccount',
        summary: 'Remove a cloud account; the keys of its devices stay',
        tags: ['cloud'],
        params: accountParams,
        response: { 200: done },
      },
      config: change,
    },
    async (request) => {
      checkKnown(desk(), 'cloud.accounts', request.params.id)
      await desk().remove('cloud.accounts', request.params.id)
      return { ok: true as const }
    },
  )
}

/** Accounts that wait for a code before they are saved. */
function signInRoutes(app: App, desk: GetDesk, { settings: schemas, code, done }: ApiSchemas): void {
  app.post(
    '/api/v1/cloud/sign-ins/:id/code',
    {
      schema: {
        operationId: 'submitSignInCode',
        summary: 'Enter the code of an account that is not saved yet; then it is saved',
        description:
          'An error whose `details.reason` is `over` has ended the sign-in: begin again. After any other, try another code.',
        tags: ['cloud'],
        params: schemas.signInParams,
        body: code,
        response: { 200: schemas.accountAnswer, 202: schemas.accountAnswer },
      },
      config: { ...change, errors: [...ERRORS, ...CLOUD_ERRORS] },
    },
    async (request, reply) => {
      const answer = await desk().submitCode(request.params.id, request.body.code)
      if (answer.id !== null) request.note = { ...request.note, target: answer.id }
      return reply.code(answer.sign_in === null ? 200 : 202).send(answer)
    },
  )

  app.delete(
    '/api/v1/cloud/sign-ins/:id',
    {
      schema: {
        operationId: 'cancelSignIn',
        summary: 'Give up the sign-in of an account that is not saved yet',
        tags: ['cloud'],
        params: schemas.signInParams,
        response: { 200: done },
      },
      config: { ...change, errors: ['BAD_REQUEST'] },
    },
    async (request) => {
      await desk().cancelSignIn(request.params.id)
      return { ok: true as const }
    },
  )
}
