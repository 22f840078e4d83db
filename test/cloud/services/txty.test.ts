/** Txty's login, its document's examples, and its answers that repeat the password. */
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { EMAIL, PASSWORD, startTxty } from '../../support/simulator.ts'
import { bridge, serve } from '../support.ts'

const ADDED_KEY = { status: 'success', success: 'ADDED_KEY', newapikey: { controlapikey: 0, key: 'dcHZ2TXvMV' } }
const ADDED_TF = { status: 'success', success: 'ADDED_TF' }
const NOT_FOUND = { status: 'error', error: 'USER_NOT_FOUND', login: { user: 'username', pass: 'password' } }
const LIST = { path: '/device/list.json', items: 'data.list', serial: 'serial', key: 'secret.totp' }

const fieldsOf = async (request: IncomingMessage): Promise<unknown> => {
  let text = ''
  for await (const chunk of request) text += chunk
  return Object.fromEntries(new URLSearchParams(text))
}

t.test('the document: login, login with a code, and the view of the user', async (t) => {
  const seen: unknown[] = []
  const url = await serve(t, async (request, response) => {
    const fields = await fieldsOf(request)
    seen.push([request.method, request.url, fields])
    if (request.url === '/api/4/view/user/api.json') response.end('{"status":"success"}')
    else response.end(JSON.stringify(JSON.stringify(fields).includes('tfkey') ? ADDED_KEY : ADDED_TF))
  })
  const account = { provider: 'txty', url: `${url}/api/4`, username: 'username', password: 'a password' }
  const { clouds } = bridge(t, url, { accounts: [account] })
  t.match(await clouds.sync(), [{ state: 'code_needed', error: { message: /sent to the phone/ } }])
  t.match(await clouds.submitCode('home', '1234'), { state: 'ready' })
  const login = { user: 'username', pass: 'a password', description: 'thermo2mqtt' }
  t.same(seen, [
    ['POST', '/api/4/user/newapikey/login.json', login],
    ['POST', '/api/4/user/newapikey/login.json', { ...login, tfkey: '1234' }],
    ['POST', '/api/4/view/user/api.json', { user: 'username', key: 'dcHZ2TXvMV' }],
  ])
})

t.test('the address is known', async (t) => {
  t.match(bridge(t, '', { accounts: [{ provider: 'txty', url: undefined }] }).view(), { state: 'signed_out' })
})

t.test('where no form is taken, the query of the document is sent', async (t) => {
  const service = await startTxty(t, { methods: 'get' })
  const { clouds, log, heard } = bridge(t, service.url, { accounts: [{ provider: 'txty', devices: LIST }] })
  t.match(await clouds.sync(), [{ state: 'ready', devices: 1 }])
  t.ok(service.requests.some(({ path }) => path.includes('pass=')))
  t.notMatch(log.text() + JSON.stringify([heard, clouds.list()]), PASSWORD)
})

t.test('the key is asked for once and proved by the view of the user', async (t) => {
  const service = await startTxty(t)
  const dataDir = t.testdir()
  const first = bridge(t, service.url, { dataDir, accounts: [{ provider: 'txty' }] })
  for (let syncs = 0; syncs < 3; syncs++) await first.clouds.sync()
  await first.close()
  const { clouds } = bridge(t, service.url, { dataDir, accounts: [{ provider: 'txty' }] })
  t.match(await clouds.sync(), [{ state: 'ready' }])
  t.equal(service.keys, 1)
  t.equal(service.asked('view'), 4)
  service.revokeTokens()
  t.match(await clouds.sync(), [{ state: 'ready' }], 'only one that is no longer good is replaced')
  t.equal(service.keys, 2)
  service.faults.push({ on: 'view', fault: { status: 404 } })
  t.match(await clouds.sync(), [{ state: 'unreachable', error: { message: /view of the user answers 404/ } }])
  await clouds.sync()
  t.equal(service.keys, 2)
})

t.test('each refusal is told apart, and the echo of the password ends there', async (t) => {
  const cases = [
    [200, NOT_FOUND, 'auth_failed', /refuses the user name or password \(USER_NOT_FOUND\)/],
    [401, NOT_FOUND, 'auth_failed', /\(USER_NOT_FOUND\)/],
    [403, null, 'auth_failed', /\(403\)/],
    [403, undefined, 'unreachable', /page instead of data \(403/],
    [200, { ...NOT_FOUND, error: 'TOO_MANY' }, 'auth_failed', /answers TOO_MANY/],
    [200, { ...NOT_FOUND, error: 'password' }, 'auth_failed', /answers an error/],
    [200, { status: 'error' }, 'auth_failed', /answers an error/],
    [200, { status: 'success', success: 'ADDED_KEY' }, 'auth_failed', /neither a valid key nor ADDED_TF/],
    [404, undefined, 'unreachable', /no login at this address \(404\)/],
  ] as const
  for (const [status, body, state, message] of cases) {
    const url = await serve(t, (_, response) => {
      response.statusCode = status
      response.end(body === undefined ? '<html>' : JSON.stringify(body))
    })
    const account = { provider: 'txty', username: 'username', password: 'password' }
    const { clouds, log, close } = bridge(t, url, { accounts: [account], dataDir: t.testdir() })
    t.match(await clouds.sync(), [{ state, error: { message } }])
    t.notMatch(log.text(), /"pass"/)
    await close()
  }
})

t.test('each refusal of a code leaves the next try', async (t) => {
  const service = await startTxty(t, { twoFactor: true })
  const { clouds, view } = bridge(t, service.url, { accounts: [{ provider: 'txty' }] })
  await clouds.sync()
  const wrong = (message: RegExp, code = 'CLOUD_AUTH') =>
    t
      .rejects(clouds.submitCode('home', '000x'), { code, message })
      .then(() => t.match(view(), { state: 'code_needed' }))
  for (const status of [200, 401, 403] as const) {
    service.quirks.errorStatus = status
    await wrong(/does not accept this code \(USER_NOT_FOUND\)/)
  }
  service.faults.push({ on: 'login', fault: { status: 404 } })
  await wrong(/answers the code with 404/, 'CLOUD_UNREACHABLE')
  service.faults.push({ on: 'login', fault: 'wrong-shape' })
  await wrong(/no valid key/, 'CLOUD_UNREACHABLE')
  t.equal(service.messages.length, 1, 'one message')
  t.match(await clouds.submitCode('home', service.messages[0] ?? ''), { state: 'ready' })

  const again = await serve(t, (_, response) => response.end(JSON.stringify(ADDED_TF)))
  const other = bridge(t, again, { accounts: [{ provider: 'txty' }], dataDir: t.testdir() })
  await other.clouds.sync()
  await t.rejects(other.clouds.submitCode('home', '1234'), { code: 'CLOUD_AUTH', message: /sent another one/ })
  t.match(other.view(), { state: 'code_needed' })
})

t.test('an error that is not about the key costs no key', async (t) => {
  let answer: unknown = ADDED_KEY
  let logins = 0
  const url = await serve(t, (request, response) => {
    if (request.url?.includes('login')) logins++
    response.end(JSON.stringify(request.url?.includes('login') ? ADDED_KEY : answer))
  })
  const { clouds } = bridge(t, url, { accounts: [{ provider: 'txty', username: EMAIL }] })
  answer = { status: 'error', error: 'MAINTENANCE' }
  t.match(await clouds.sync(), [{ state: 'unreachable', error: { message: /MAINTENANCE/ } }])
  t.equal(logins, 1)
  answer = { status: 'error', error: 'WRONG_KEY' }
  t.match(await clouds.sync(), [{ state: 'auth_failed' }])
  t.equal(logins, 2, 'no login loop')
  answer = { status: 'success' }
  t.match(await clouds.login('home'), { state: 'ready' })
})
