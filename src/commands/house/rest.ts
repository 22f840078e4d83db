/** Asks the running bridge on this machine over REST, for whoever may write to its data folder. */
import http from 'node:http'
import https from 'node:https'
import { hashOf, newId, newToken } from '../../api/auth/tokens.ts'
import { BridgeError, ERRORS, type ErrorCode } from '../../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import type { CommandInput } from '../command.ts'
import { openTheStore, systemUser, toolsFor } from '../console/tools.ts'
import { findBridge } from '../running/find.ts'

/** Milliseconds that a token lasts, and that an answer may take: a slow device is asked several times. */
const LIFE = 120_000

/** More than the state of ten thousand devices, in characters. */
const MOST = 64 * 1024 * 1024

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
    { id, name: `command line, ${user}`, scopes: [...scopes], createdBy: user, expires },
    hashOf(token),
  )
  try {
    return await use((method, path, body) => ask(new URL(path, api), { method, token, body }))
  } finally {
    store.apiTokens.remove(id)
    store.close()
  }
}

interface Asked {
  readonly method: string
  readonly token: string
  readonly body: JsonObject | undefined
}

/** The certificate is not checked: the bridge itself has said where it is on this machine, and that is not its name. */
function ask(url: URL, { method, token, body }: Asked): Promise<JsonObject> {
  const sent = body === undefined ? undefined : JSON.stringify(body)
  const type = sent === undefined ? {} : { 'content-type': 'application/json' }
  const headers = { authorization: `Bearer ${token}`, ...type }
  const options = { method, headers, timeout: LIFE, rejectUnauthorized: false, agent: false }
  return new Promise((resolve, reject) => {
    const answered = (response: http.IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
        if (text.length > MOST) request.destroy(new Error('the answer is too long'))
      })
      response.on('end', () => {
        const answer = parseJson(text)
        if (!isObject(answer)) return reject(unclear(url, `status ${response.statusCode}`))
        if (isObject(answer.error)) return reject(refusal(answer.error))
        resolve(answer)
      })
    }
    const request =
      url.protocol === 'https:' ? https.request(url, options, answered) : http.request(url, options, answered)
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', (error) => reject(unclear(url, error.message)))
    request.end(sent)
  })
}

const unclear = (url: URL, why: string): BridgeError =>
  new BridgeError('INTERNAL', `The bridge at ${url.origin} can't be asked (${why}). "thermo2mqtt doctor" says more.`)

function refusal({ code, message, details }: JsonObject): BridgeError {
  const known = typeof code === 'string' && Object.hasOwn(ERRORS, code)
  return new BridgeError(
    known ? (code as ErrorCode) : 'INTERNAL',
    typeof message === 'string' ? message : 'The bridge refuses without giving a reason.',
    isObject(details) ? { details } : {},
  )
}
