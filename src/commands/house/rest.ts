/** Asks the running bridge on this machine over REST, for whoever may write to its data folder. */
import { COMMAND_LINE, hashOf, newId, newToken } from '../../api/auth/credentials/tokens.ts'
import { BridgeError, isErrorCode } from '../../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import type { CommandInput } from '../command.ts'
import { openTheStore, systemUser, toolsFor } from '../console/tools.ts'
import { answerOf } from '../running/ask.ts'
import { findBridge } from '../running/find.ts'

/** Milliseconds that a token lasts, and that an answer may take: a slow device is asked several times. */
const LIFE = 120_000

/** More than the state of ten thousand devices, in bytes. */
const LARGEST = 64 * 1024 * 1024

export type Rest = (method: 'GET' | 'PATCH', path: string, body?: JsonObject) => Promise<JsonObject>

/**
 * Runs `use` with a token that lasts for this command only. It stands in the store like one that was made on the page, so
 * the audit log names who used it.
 * @throws BridgeError `INTERNAL` if no bridge runs here; what the bridge answers
 */
export async function withRest<Result>(
  input: CommandInput,
  scopes: readonly ('read' | 'control')[],
  use: (rest: Rest) => Promise<Result>,
): Promise<Result> {
  const { loaded, running } = await findBridge(input, { orDemo: true })
  if (!running) {
    throw new BridgeError(
      'INTERNAL',
      `No bridge uses ${loaded.settings.data_dir} now. Start it, or name the data folder of the one that runs (--data_dir).`,
    )
  }
  const { api, here, host } = running
  if (!here) throw new BridgeError('INTERNAL', `The bridge runs on ${host}. Run this command there.`)
  if (api === null) throw new BridgeError('INTERNAL', 'The bridge is starting. Try again in a moment.')
  const store = openTheStore(toolsFor(input, loaded))
  const [id, token, user] = [newId(), newToken('api'), systemUser()]
  const expires = input.clock.now() + LIFE
  store.apiTokens.add(
    { id, name: `${COMMAND_LINE}${user}`, scopes: [...scopes], createdBy: user, expires },
    hashOf(token),
  )
  try {
    return await use((method, path, body) => ask(new URL(path, api), method, token, body))
  } finally {
    store.apiTokens.remove(id)
    store.close()
  }
}

/** @throws BridgeError what the bridge answers, or `INTERNAL` if it gives no clear answer */
async function ask(url: URL, method: 'GET' | 'PATCH', token: string, body?: JsonObject): Promise<JsonObject> {
  const authorization = `Bearer ${token}`
  const sent =
    body === undefined
      ? { headers: { authorization } }
      : { headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const asked = answerOf(url, { method, ...sent, timeout: LIFE, largest: LARGEST })
  const { status, text } = await asked.catch((error: Error) => {
    throw unclear(url, error.message)
  })
  const answer = parseJson(text)
  if (!isObject(answer)) throw unclear(url, `status ${status}`)
  if (isObject(answer.error)) throw refusal(answer.error)
  return answer
}

const unclear = (url: URL, why: string): BridgeError =>
  new BridgeError('INTERNAL', `The bridge at ${url.origin} can't be asked (${why}). "thermo2mqtt doctor" says more.`)

function refusal({ code, message, details }: JsonObject): BridgeError {
  return new BridgeError(
    isErrorCode(code) ? code : 'INTERNAL',
    typeof message === 'string' ? message : 'The bridge refuses without giving a reason.',
    isObject(details) ? { details } : {},
  )
}
