/** The shapes of REST: what requests are validated against, and what OpenAPI shows of requests and answers. */
import Type from 'typebox'
import { accountSchemas } from './account-schemas.ts'
import { catalogSchema } from './catalog-schema.ts'
import { deviceSchemas } from './device-schemas.ts'
import { historySchemas } from './history-schema.ts'
import { housekeepingSchemas } from './housekeeping-schema.ts'
import { infoSchema } from './info-schema.ts'
import { dictionary, problemSchema } from './problem-schema.ts'
import { settingsSchemas } from './settings-schemas.ts'
import { signInSchemas } from './sign-in-schemas.ts'

export type ApiSchemas = ReturnType<typeof apiSchemas>

/** Made anew for every server, so that nothing is shared between two of them. */
export function apiSchemas() {
  const problem = problemSchema()
  const check = Type.Object(
    {
      ok: Type.Boolean(),
      code: Type.Optional(Type.String({ description: 'What is wrong, for programs.' })),
      detail: Type.Optional(Type.String({ description: 'What is wrong, what it means and what to do.' })),
      since: Type.Optional(Type.String({ format: 'date-time', description: 'From when on something is missing.' })),
    },
    { $id: 'Check' },
  )

  return {
    signIn: signInSchemas(),
    settings: settingsSchemas(),
    catalog: catalogSchema(),
    info: infoSchema(),
    housekeeping: housekeepingSchemas(),
    ...historySchemas(),
    error: Type.Object({ error: problem }, { $id: 'Error' }),
    ...deviceSchemas(problem),
    ...accountSchemas(problem),
    done: Type.Object({ ok: Type.Literal(true) }),
    health: Type.Object({ status: Type.Literal('ok') }),
    readiness: Type.Object({ ready: Type.Boolean(), checks: dictionary(check) }, { $id: 'Readiness' }),
  }
}
