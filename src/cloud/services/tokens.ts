import * as Type from 'typebox'
import { isObject, parseJson } from '../../core/json.ts'
import type { CloudAnswer } from '../http.ts'

/** A token or key that fits into a header: printable, without spaces, and not too long for servers. */
export const TOKEN = Type.String({ pattern: '^[\\x21-\\x7e]{1,4096}$' })

/**
 * When a token expires, if it is a JSON Web Token that says so (`exp`, RFC 7519 4.1.4). `exp` follows the service's
 * clock, so the remaining time is counted from the date of the answer; this works even if the host's clock is wrong.
 * @param now Unix ms of the host.
 * @returns Unix ms by the host's clock; undefined if the token does not say.
 */
export function expiryOf(token: string, answer: CloudAnswer, now: number): number | undefined {
  const [, payload, signature, ...more] = token.split('.')
  if (payload === undefined || signature === undefined || more.length > 0) return undefined
  const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'))
  if (!isObject(claims) || typeof claims.exp !== 'number') return undefined
  const left = claims.exp * 1000 - (answer.date ?? now)
  return left > 0 && Number.isFinite(left) ? now + left : undefined
}
