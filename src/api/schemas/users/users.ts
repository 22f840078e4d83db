/** The shapes of users, as administrators manage them. */
import type { Static } from 'typebox'
import * as Type from 'typebox'
import { ROLES, type Role } from '../../auth/ports.ts'

export type UserJson = Static<ReturnType<typeof userSchemas>['user']>
/** The only answers that ever show a password. */
export type MadeUserJson = Static<ReturnType<typeof userSchemas>['madeUser']>
export type MadePasswordJson = Static<ReturnType<typeof userSchemas>['madePassword']>

const role = () =>
  Type.Unsafe<Role>(
    Type.Enum([...ROLES], { description: 'look: sees; control: also commands devices; administer: everything.' }),
  )
const ownPassword = () =>
  Type.String({ minLength: 1, maxLength: 1024, description: 'The password of whoever asks, again.' })
const shownOnce = () =>
  Type.String({
    description: 'Shown only in this answer. At the first sign-in the user has to choose another one.',
    examples: ['p3Yb_Qz7kD0vWn2xTgLc'],
  })

/** Made for each server. */
export function userSchemas() {
  const fields = {
    id: Type.Integer(),
    name: Type.String(),
    role: role(),
    totp: Type.Boolean({ description: 'Whether a code is asked for at sign-in.' }),
    password_made: Type.Boolean({ description: 'Whether the user has yet to choose a password.' }),
    password_fixed: Type.Boolean({ description: 'Whether the configuration sets the password (api.admin_password).' }),
    created: Type.String({ format: 'date-time' }),
    sessions: Type.Integer({ minimum: 0, description: 'How many sessions are open.' }),
    current: Type.Boolean({ description: 'Whether it is the user who asks.' }),
  }
  const user = Type.Object(fields, { $id: 'User' })
  return {
    user,
    users: Type.Object({ users: Type.Array(user) }),
    userParams: Type.Object({ id: Type.String({ pattern: '^[1-9][0-9]{0,14}$', examples: ['2'] }) }),
    newUser: Type.Object(
      {
        // Longer ones are refused with the rule for names.
        name: Type.String({ minLength: 1, maxLength: 1024, description: 'Letters from A to Z, digits, . _ @ and -.' }),
        role: role(),
        password: ownPassword(),
      },
      { additionalProperties: false },
    ),
    madeUser: Type.Object({ ...fields, new_password: shownOnce() }),
    userChange: Type.Object({ role: role(), password: ownPassword() }, { additionalProperties: false }),
    confirmed: Type.Object({ password: ownPassword() }, { additionalProperties: false }),
    madePassword: Type.Object({ new_password: shownOnce() }),
  }
}
