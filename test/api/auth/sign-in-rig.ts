/** Requests of somebody who signs in. */
import { isObject } from '../../../src/core/json.ts'
import { type Answer, type Ask, ask, PASSWORD, type Running } from '../support.ts'

export const MINUTE = 60_000

export const post = (api: Running, path: string, body?: unknown, options: Ask = {}): Promise<Answer> =>
  ask(api.port, `/api/v1${path}`, {
    method: 'POST',
    authorization: null,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...options,
  })

/** A text of an answer, by dotted path. */
export function text({ json }: Answer, path: string): string {
  const found = path.split('.').reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), json)
  return typeof found === 'string' ? found : ''
}

export const login = (api: Running, password = PASSWORD, username = 'admin', options: Ask = {}) =>
  post(api, '/login', { username, password }, options)

export const bearer = (token: string): Ask => ({ authorization: `Bearer ${token}` })

export const me = async (api: Running, access: string) => (await ask(api.port, '/api/v1/me', bearer(access))).status

export async function tokensOf(api: Running): Promise<{ access: string; refresh: string }> {
  const answer = await login(api)
  return { access: text(answer, 'token.access'), refresh: text(answer, 'token.refresh') }
}
