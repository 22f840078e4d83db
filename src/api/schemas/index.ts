/** The shapes of REST: they validate requests, and OpenAPI shows them for requests and answers. */
import * as Type from 'typebox'
import { accountSchemas } from './accounts.ts'
import { logSchemas } from './bridge/log.ts'
import { catalogSchema } from './catalog.ts'
import { deviceSchemas } from './devices.ts'
import { historySchemas } from './history.ts'
import { wholeHouseSchemas } from './house/index.ts'
import { housekeepingSchemas, messageTestsSchema } from './housekeeping.ts'
import { infoSchema } from './info.ts'
import { dictionary, problemSchema } from './problem.ts'
import { settingsSchemas } from './settings.ts'
import { signInSchemas } from './users/sign-in.ts'
import { userSchemas } from './users/users.ts'

export type ApiSchemas = ReturnType<typeof apiSchemas>

/** Made for each server, so that two servers share nothing. */
export function apiSchemas() {
  const problem = problemSchema()
  const check = Type.Object(
    {
      ok: Type.Boolean(),
      code: Type.Optional(Type.String({ description: 'What is wrong, for programs.' })),
      detail: Type.Optional(Type.String({ description: 'What is wrong, what it means and what to do.' })),
      since: Type.Optional(
        Type.String({ format: 'date-time', description: 'The time since which something is missing.' }),
      ),
    },
    { $id: 'Check' },
  )

  return {
    signIn: signInSchemas(),
    users: userSchemas(),
    settings: settingsSchemas(),
    catalog: catalogSchema(),
    info: infoSchema(),
    housekeeping: housekeepingSchemas(),
    log: logSchemas(),
    ...historySchemas(),
    ...wholeHouseSchemas(problem),
    error: Type.Object({ error: problem }, { $id: 'Error' }),
    ...deviceSchemas(problem),
    ...accountSchemas(problem),
    messageTests: messageTestsSchema(),
    done: Type.Object({ ok: Type.Literal(true) }),
    health: Type.Object({ status: Type.Literal('ok') }),
    readiness: Type.Object({ ready: Type.Boolean(), checks: dictionary(check) }, { $id: 'Readiness' }),
  }
}
