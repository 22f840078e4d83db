/** Signing in to the API. */

/** Cheap, so that tests don't wait for it; never for real passwords. */
export const QUICK_PASSWORDS = { logN: 4, r: 8, p: 1 } as const

export interface SignedIn {
  readonly authorization: string
}

/** Signs in with user name and password; resolves with the headers of every later request. */
export async function signIn(url: string, password: string, username = 'admin'): Promise<SignedIn> {
  const response = await fetch(`${url}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
  const answer: unknown = await response.json()
  const { token } = Object(answer)
  if (typeof token?.access !== 'string') throw new Error(`no sign-in: ${response.status} ${JSON.stringify(answer)}`)
  return { authorization: `Bearer ${token.access}` }
}
