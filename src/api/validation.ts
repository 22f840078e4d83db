/**
 * Requests are checked by Ajv, which is loaded with the first that has something to check, and each schema is compiled when it
 * is first needed: most never are.
 */
import type { Ajv, ValidateFunction } from 'ajv'
import type { FastifyServerOptions } from 'fastify'
import type { App } from './app.ts'

const unused = (): never => {
  throw new Error('compilers of schemas are set before the first route')
}

/** Keeps fastify from loading compilers of its own. */
export const NO_COMPILERS: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: { buildValidator: unused, buildSerializer: unused },
}

/** Has what clients send checked by the schemas of the routes that are added after this. */
export function checkRequests(app: App): void {
  let loading: Promise<Ajv> | undefined
  let ajv: Ajv | undefined
  app.addHook('preValidation', async ({ routeOptions: { schema } }) => {
    if (ajv || !(schema?.body || schema?.params || schema?.querystring)) return
    loading ??= loadAjv()
    ajv = await loading
  })
  app.setValidatorCompiler<object>(({ schema }) => {
    let check: ValidateFunction | undefined
    const validate = (data: unknown) => {
      check ??= ajv?.compile(schema)
      if (!check) throw new Error('a request is checked before it is known by what')
      const error = check(data) ? undefined : (check.errors ?? [])
      return error ? { error } : { value: data }
    }
    return validate
  })
}

async function loadAjv(): Promise<Ajv> {
  const [{ Ajv }, formats] = await Promise.all([import('ajv'), import('ajv-formats')])
  // What a client sends is taken as it is or refused: nothing converted, filled in or dropped. Our own schemas are not
  // checked against a schema of schemas, and what two of them share is compiled in each.
  const ajv = new Ajv({ meta: false, validateSchema: false, addUsedSchema: false })
  formats.default.default(ajv)
  return ajv
}
