import t from 'tap'
import { Value } from 'typebox/value'
import { apiSchemas } from '../../../src/api/schemas/index.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { exampleAccount } from '../../support/fake-accounts.ts'
import { type Ask, ask, BASIC, codeOf, running } from '../support.ts'

const ACCOUNTS = '/api/v1/cloud/accounts'

t.test('cloud accounts', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const schemas = apiSchemas()
  const error = { code: 'CLOUD_AUTH' as const, message: 'Wrong password.', details: { account: 'cabin' } }
  api.accounts.views = [exampleAccount(), exampleAccount({ id: 'cabin', state: 'auth_failed', error })]

  t.test('a list', async (t) => {
    const answer = await ask(api.port, ACCOUNTS)
    t.equal(answer.status, 200)
    t.same(answer.json, { accounts: api.accounts.views })
    t.ok(Value.Check(schemas.accounts, answer.json))
  })

  t.test('sync, login and code answer with the account', async (t) => {
    for (const what of ['sync', 'login']) {
      const answer = await ask(api.port, `${ACCOUNTS}/cabin/${what}`, { method: 'POST' })
      t.equal(answer.status, 200, what)
      t.same(answer.json, api.accounts.views[1])
      t.ok(Value.Check(schemas.account, answer.json))
    }
    const answer = await ask(api.port, `${ACCOUNTS}/cabin/code/`, { method: 'POST', body: '{"code":"123456"}' })
    t.equal(answer.status, 200)
    t.same(api.accounts.calls, [
      ['sync', 'cabin'],
      ['login', 'cabin'],
      ['submitCode', 'cabin', '123456'],
    ])
  })

  t.test('logout', async (t) => {
    const answer = await ask(api.port, `${ACCOUNTS}/cabin/logout`, { method: 'POST' })
    t.match(answer, { status: 200, json: api.accounts.views[1] })
    t.same(api.accounts.calls.at(-1), ['logout', 'cabin'])
  })

  t.test('the second factor of an authenticator', async (t) => {
    const totp = (operation: string, options: Ask = {}) =>
      ask(api.port, `${ACCOUNTS}/cabin/totp/${operation}`, { method: 'POST', ...options })
    const setup = await totp('setup')
    t.match(setup, { status: 200, headers: { 'cache-control': 'no-store' } })
    t.same(setup.json, {
      secret_key: 'JBSWY3DPEHPK3PXP',
      provisioning_uri: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP',
    })
    t.ok(Value.Check(schemas.totpSetup, setup.json))
    t.same((await totp('activate')).json, { recovery_codes: ['RECOVERY-1', 'RECOVERY-2'] })
    t.same((await totp('activate/', { body: '{"token":"123456"}' })).json, {
      recovery_codes: ['RECOVERY-1', 'RECOVERY-2'],
    })
    t.same((await totp('verify', { body: '{}' })).json, api.accounts.views[1])
    t.same((await totp('deactivate')).json, { ok: true })
    t.same(
      api.accounts.calls.filter(([method]) => method === 'totp').map(([, , what]) => what),
      ['setup ', 'activate ', 'activate 123456', 'verify ', 'deactivate '],
    )
    for (const body of ['{"token":""}', '{"token":123456}', '{"code":"123456"}', '[]', 'null', '{"token":"1_2"}']) {
      t.equal((await totp('activate', { body })).status, body === 'null' ? 200 : 400, body)
    }
    t.equal((await totp('remove')).status, 404)
    t.match(await totp('setup', { authorization: BASIC }), { status: 401 })
    t.match(await ask(api.port, `${ACCOUNTS}/nobody/totp/setup`, { method: 'POST' }), { status: 404 })
    t.notMatch(JSON.stringify(api.lines), /JBSWY3DPEHPK3PXP|RECOVERY|123456/)
    api.accounts.failWith = new BridgeError('BAD_REQUEST', 'The service of this account has no second factor.')
    t.match(await totp('setup'), { status: 400, json: { error: { code: 'BAD_REQUEST' } } })
    api.accounts.failWith = undefined
  })

  t.test('a sync that answers with other accounts still shows the one asked for', async (t) => {
    api.accounts.sync = async () => [exampleAccount()]
    t.match(await ask(api.port, `${ACCOUNTS}/cabin/sync`, { method: 'POST' }), { json: { id: 'cabin' } })
  })

  t.test('errors of the cloud', async (t) => {
    api.accounts.failWith = new BridgeError('CLOUD_CODE_NEEDED', 'A code is needed.')
    const answer = await ask(api.port, `${ACCOUNTS}/home/login`, { method: 'POST' })
    t.equal(answer.status, 409)
    t.equal(codeOf(answer), 'CLOUD_CODE_NEEDED')
    api.accounts.failWith = undefined
  })

  t.test('unknown accounts and ids that are none', async (t) => {
    for (const what of ['sync', 'login']) {
      const answer = await ask(api.port, `${ACCOUNTS}/nobody/${what}`, { method: 'POST' })
      t.equal(answer.status, 404)
      t.equal(codeOf(answer), 'BAD_REQUEST')
    }
    t.equal((await ask(api.port, `${ACCOUNTS}/a%2fb/sync`, { method: 'POST' })).status, 400)
  })

  t.test('bad codes are refused, and never shown or logged', async (t) => {
    const bodies = ['{}', '{"code":""}', '{"code":123456}', '{"code":"a\\nb"}', `{"code":"${'1'.repeat(33)}"}`, '[]']
    for (const body of [...bodies, '{"code":"1","more":1}']) {
      const answer = await ask(api.port, `${ACCOUNTS}/home/code`, { method: 'POST', body })
      t.equal(answer.status, 400, body)
      t.equal(codeOf(answer), 'BAD_REQUEST')
    }
    t.notMatch(JSON.stringify(api.lines), '123456')
  })

  t.test('the vendor is not asked without end', async (t) => {
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) {
      statuses.push((await ask(api.port, `${ACCOUNTS}/home/login`, { method: 'POST' })).status)
    }
    t.equal(statuses.at(-1), 429)
    const answer = await ask(api.port, `${ACCOUNTS}/home/login`, { method: 'POST' })
    t.equal(codeOf(answer), 'RATE_LIMITED')
    t.ok(Number(answer.headers['retry-after']) > 0)
    t.equal((await ask(api.port, ACCOUNTS)).status, 200, 'looking is free')
  })
})
