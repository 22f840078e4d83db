import type { FastifyRequest } from 'fastify'
import { BridgeError } from '../../../core/errors.ts'
import type { App } from '../../app.ts'
import { fromOf, userOf } from '../../auth/caller.ts'
import type { Access } from '../../auth/index.ts'
import type { UserRecord } from '../../auth/ports.ts'
import { HttpError } from '../../errors.ts'
import type { ApiSchemas } from '../../schemas/index.ts'

const tags = ['sign-in']
/** Only people may: a lost token must not make a way in that stays. */
const change = { scope: 'admin', session: true, errors: ['BAD_REQUEST'] } as const

/** The users: who may sign in, and with which role. For administrators. */
export function userRoutes(app: App, access: Access, schemas: ApiSchemas): void {
  listRoute(app, access, schemas)
  addRoute(app, access, schemas)
  changeRoutes(app, access, schemas)
}

/**
 * What makes a way in, or gives one more rights, asks for the password again: otherwise a session left open, or one through
 * Home Assistant, could make itself a user with a password, and with it get backups.
 */
async function confirmed(request: FastifyRequest, { signIn, users }: Access, password: string): Promise<void> {
  const { user } = userOf(request, users)
  await signIn.confirm(user, password, fromOf(request), 'password')
  // Somebody may have demoted the administrator while the password was checked.
  if (userOf(request, users).user.role === 'administer') return
  throw new BridgeError('FORBIDDEN', 'You are no longer an administrator.', { details: { reason: 'role' } })
}

function known({ people }: Access, id: string): UserRecord {
  const user = people.get(Number(id))
  if (user) return user
  throw new HttpError(404, 'There is no such user. GET /api/v1/users lists them.')
}

function userJson(request: FastifyRequest, { sessions, signIn }: Access, user: UserRecord) {
  const { id, name, role, totp, passwordMade, created } = user
  return {
    id,
    name,
    role,
    totp,
    password_made: passwordMade,
    password_fixed: signIn.isFixed(user),
    created: new Date(created).toISOString(),
    sessions: sessions.list().filter(({ userId }) => userId === id).length,
    current: id === request.identity?.userId,
  }
}

function listRoute(app: App, access: Access, { users: schemas }: ApiSchemas): void {
  app.get(
    '/api/v1/users',
    {
      schema: { operationId: 'listUsers', summary: 'Who may sign in', tags, response: { 200: schemas.users } },
      config: { scope: 'admin' },
    },
    async (request) => ({ users: access.people.list().map((user) => userJson(request, access, user)) }),
  )
}

function addRoute(app: App, access: Access, { users: schemas }: ApiSchemas): void {
  app.post(
    '/api/v1/users',
    {
      schema: {
        operationId: 'addUser',
        summary: 'Add a user; the answer has a password for the first sign-in',
        tags,
        body: schemas.newUser,
        response: { 201: schemas.madeUser },
      },
      config: { ...change, audit: 'body' },
    },
    async (request, reply) => {
      const { name, role, password } = request.body
      await confirmed(request, access, password)
      const made = await access.people.add(name, role)
      request.note = { ...request.note, target: made.user.name }
      return reply.code(201).send({ ...userJson(request, access, made.user), new_password: made.password })
    },
  )
}

function changeRoutes(app: App, access: Access, { users: schemas, done }: ApiSchemas): void {
  const named = (request: FastifyRequest, id: string): UserRecord => {
    const user = known(access, id)
    request.note = { ...request.note, target: user.name }
    return user
  }

  app.patch(
    '/api/v1/users/:id',
    {
      schema: {
        operationId: 'changeUser',
        summary: 'Give a user another role, at once',
        tags,
        params: schemas.userParams,
        body: schemas.userChange,
        response: { 200: schemas.user },
      },
      config: { ...change, audit: 'body' },
    },
    async (request) => {
      const { body, params } = request
      named(request, params.id)
      await confirmed(request, access, body.password)
      access.people.setRole(known(access, params.id), body.role)
      return userJson(request, access, known(access, params.id))
    },
  )

  app.post(
    '/api/v1/users/:id/password',
    {
      schema: {
        operationId: 'resetPassword',
        summary: 'Give a user who has forgotten it another password; ends all sessions of the user',
        tags,
        params: schemas.userParams,
        body: schemas.confirmed,
        response: { 200: schemas.madePassword },
      },
      config: change,
    },
    async (request) => {
      const { body, params } = request
      named(request, params.id)
      await confirmed(request, access, body.password)
      return { new_password: await access.people.resetPassword(known(access, params.id)) }
    },
  )

  app.delete(
    '/api/v1/users/:id',
    {
      schema: {
        operationId: 'removeUser',
        summary: 'Remove a user with all sessions and API tokens, at once',
        tags,
        params: schemas.userParams,
        response: { 200: done },
      },
      config: change,
    },
    async (request) => {
      access.people.remove(named(request, request.params.id))
      return { ok: true as const }
    },
  )
}
