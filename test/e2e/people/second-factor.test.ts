/** Second factors of accounts, given in every way that a service without a screen has. */
import { join } from 'node:path'
import t from 'tap'
import { login } from '../../../src/commands/accounts/login.ts'
import { logout } from '../../../src/commands/accounts/logout.ts'
import { totp } from '../../../src/commands/accounts/totp.ts'
import { doctor } from '../../../src/commands/doctor/index.ts'
import { isObject, type JsonObject, parseJson } from '../../../src/core/json.ts'
import { call } from '../../commands/support.ts'
import { eventually, startBridge, tempFolder } from '../../support/e2e.ts'
import {
  accountOf,
  bearer,
  KEY,
  last,
  leavesNoTrace,
  omnitron,
  PASSWORD,
  ready,
  SERIAL,
  USER,
  waits,
  wrong,
} from '../../support/second-factors.ts'

t.test('an account that needs a code says so once, and takes it over MQTT', async (t) => {
  const { service, settings } = await bearer(t)
  // Until somebody listens.
  service.fault = { on: 'login', fault: { status: 500 } }
  const bridge = await startBridge(t, { settings })
  await eventually('it was tried', () => service.asked('login') > 0)
  service.fault = undefined
  await bridge.rest('POST', '/api/v1/cloud/accounts/home/login')
  await waits(bridge)
  t.match(await bridge.mqtt.event('account_state', 'home'), { details: { state: 'code_needed' }, message: /e-mail/ })
  t.match(await accountOf(bridge), { state: 'code_needed', error: { code: 'CLOUD_CODE_NEEDED' } })
  const told = bridge.log.filter((line) => line.includes('"level":"warn"') && line.includes('code_needed'))
  t.equal(told.length, 1)

  await t.test('Home Assistant shows it, and where to type the code', async (t) => {
    const topic = '/homeassistant/device/thermo2mqtt_bridge/config'
    const { components } = parseObject(await bridge.mqtt.next(topic))
    t.match(components, {
      sign_in_account_home: {
        platform: 'binary_sensor',
        device_class: 'problem',
        state_topic: 'thermo2mqtt/bridge/info',
      },
      code_account_home: { platform: 'text', command_topic: 'thermo2mqtt/bridge/request/account_code' },
    })
  })

  const code = last(service.mails)
  const refused = await bridge.mqtt.request('account_code', { id: 'home', code: wrong(code) })
  t.match(refused, { ok: false, error: { code: 'CLOUD_AUTH' } })
  t.match(await accountOf(bridge), { state: 'code_needed' })
  const from = bridge.mqtt.mark
  t.match(await bridge.mqtt.request('account_code', { id: 'home', code }), {
    ok: true,
    data: { account: { id: 'home', state: 'ready', devices: 1 } },
  })
  await ready(bridge, from)
  t.equal(service.mails.length, 1)
  t.match(await bridge.device(SERIAL), { name: 'Hall', health: { key_source: 'home' } })

  const late = await bridge.mqtt.request('account_code', { id: 'home', code })
  t.match(late, { ok: false, error: { code: 'BAD_REQUEST', message: /not waiting for a code/ } })
  const states = bridge.mqtt.events('account_state').map(({ details }) => isObject(details) && details.state)
  t.same(states.slice(-2), ['code_needed', 'ready'], 'each told once')
  t.equal(states.filter((state) => state === 'code_needed').length, 1)
  await leavesNoTrace(t, bridge, [PASSWORD, KEY, ...service.issued], [JSON.stringify([refused, late])])
})

t.test('a restart while a code is waited for sends no other, and REST takes the first', async (t) => {
  const { service, settings } = await bearer(t)
  const dataDir = await tempFolder(t)
  const first = await startBridge(t, { dataDir, settings })
  await waits(first)
  await first.stop()
  const second = await startBridge(t, { dataDir, settings })
  t.match(await accountOf(second), { state: 'code_needed' })
  t.equal(service.mails.length, 1)
  const path = '/api/v1/cloud/accounts/home/code'
  const answers = [await second.rest('POST', path, { code: wrong(last(service.mails)) })]
  t.match(answers[0], { status: 409, body: { error: { code: 'CLOUD_AUTH' } } })
  answers.push(await second.rest('POST', path, { code: last(service.mails) }))
  t.match(answers[1], { status: 200, body: { state: 'ready' } })
  t.equal(service.mails.length, 1)
  const texts = answers.map(({ text }) => text)
  await leavesNoTrace(t, second, [PASSWORD, KEY, ...service.issued], texts)
})

t.test('too many wrong codes: no heap of codes, no lock-out, and another one on demand', async (t) => {
  const { service, settings } = await bearer(t)
  const bridge = await startBridge(t, { settings })
  await waits(bridge)
  const code = last(service.mails)
  for (let i = 0; i < 6; i++) {
    const answer = await bridge.mqtt.request('account_code', { id: 'home', code: wrong(code) })
    t.match(answer, { ok: false, error: { code: i < 4 ? 'CLOUD_AUTH' : 'BAD_REQUEST' } })
  }
  t.equal(service.mails.length, 1, 'none was sent for each try')
  t.equal(service.asked('code'), 4)
  t.match(await accountOf(bridge), { state: 'auth_failed', error: { message: /Sign in by hand/ } })
  t.match(await bridge.rest('POST', '/api/v1/cloud/accounts/home/login'), { body: { state: 'code_needed' } })
  t.equal(service.mails.length, 2)
  t.equal(service.failedLogins, 0)
  t.match(await bridge.mqtt.request('account_code', { id: 'home', code: last(service.mails) }), { ok: true })
})

t.test('an expired code ends that sign-in, and another code is sent on demand', async (t) => {
  const { service, settings } = await bearer(t)
  const bridge = await startBridge(t, { settings })
  await waits(bridge)
  // It has come too late: it is older than the service lets codes be.
  service.quirks.codeLifetime = -1
  const late = last(service.mails)
  const refused = await bridge.mqtt.request('account_code', { id: 'home', code: late })
  t.match(refused, { ok: false, error: { code: 'CLOUD_AUTH', message: /the code expired/ } })
  t.equal(service.mails.length, 1, 'no other is sent unasked so soon')
  t.match(await accountOf(bridge), { state: 'auth_failed', error: { message: /Sign in by hand/ } })
  t.match(await bridge.mqtt.request('account_code', { id: 'home', code: late }), { error: { code: 'BAD_REQUEST' } })
  service.quirks.codeLifetime = 600
  t.match(await bridge.rest('POST', '/api/v1/cloud/accounts/home/login'), { body: { state: 'code_needed' } })
  const code = last(service.mails)
  const path = '/api/v1/cloud/accounts/home/code'
  const taken = await bridge.rest('POST', path, { code: `${code.slice(0, 3)} ${code.slice(3)}` })
  t.match(taken, { status: 200, body: { state: 'ready' } }, 'with a space inside')
  await leavesNoTrace(t, bridge, [PASSWORD, KEY, ...service.issued], [JSON.stringify(refused), taken.text])
})

t.test('signed out by REST or by the command line, nothing signs in again until told', async (t) => {
  const { service, clock, settings } = await omnitron(t)
  const dataDir = await tempFolder(t)
  const path = '/api/v1/cloud/accounts/home'
  const first = await startBridge(t, { clock, dataDir, settings })
  await ready(first)
  t.match(await first.rest('POST', `${path}/logout`), { body: { state: 'signed_out', error: null } })
  t.equal(service.sessions, 0, 'revoked')
  t.match(await first.rest('POST', `${path}/sync`), { body: { state: 'signed_out' } })
  await first.stop()
  const second = await startBridge(t, { clock, dataDir, settings })
  t.match(await second.rest('POST', `${path}/sync`), { body: { state: 'signed_out' } })
  t.match(await second.device(SERIAL), { serial: SERIAL }, 'what the account gave stays')
  t.equal(service.asked('login'), 1)
  t.match(await second.rest('POST', `${path}/login`), { body: { state: 'ready' } })

  const env = { T2M_CONFIG: join(dataDir, 'config.yaml'), T2M_DATA_DIR: dataDir }
  const given = call({ env, options: { account: 'home' } })
  t.equal(await logout(given), 0)
  t.match(given.terminal.text, /^Signed out: account home \(omnitron\)\. Its keys stay\./)
  t.equal(service.sessions, 0)
  t.match(await second.rest('POST', `${path}/sync`), { body: { state: 'signed_out', error: null } })
  t.equal(service.asked('login'), 2)

  t.equal(await login(call({ env })), 0)
  await eventually('the bridge goes on with it', async () => (await accountOf(second)).state === 'ready')
  t.equal(service.asked('login'), 3)
  service.faults.push({ on: 'logout', fault: 'cut' })
  const away = call({ env })
  t.equal(await logout(away), 0)
  t.match(away.terminal.errs, [/could not be asked to end the session/])
})

t.test('the command line takes the code that the bridge waits for, and the bridge goes on with it', async (t) => {
  const { service, settings } = await bearer(t)
  const dataDir = await tempFolder(t)
  const bridge = await startBridge(t, { dataDir, settings })
  await waits(bridge)
  const env = { T2M_CONFIG: join(dataDir, 'config.yaml'), T2M_DATA_DIR: dataDir }
  const checked = call({ env })
  await doctor(checked)
  t.match(checked.terminal.text, /\[fail\] home \(bearer\) is waiting for a code/)
  t.match(checked.terminal.text, /-> thermo2mqtt login --account=home/)
  const from = bridge.mqtt.mark
  const given = call({ env, options: { account: 'home' }, answers: [last(service.mails)] })
  t.equal(await login(given), 0)
  t.match(given.terminal.text, /1 device, 1 key stored/)
  t.equal(service.mails.length, 1, 'no other code was sent')
  await ready(bridge, from)
  t.equal(service.mails.length, 1)
  const texts = [checked, given].flatMap(({ terminal }) => [...terminal.outs, ...terminal.errs])
  await leavesNoTrace(t, bridge, [PASSWORD, KEY, ...service.issued], texts)
})

t.test('an authenticator, set up and activated by REST, then used and taken away', async (t) => {
  const { service, clock, settings } = await omnitron(t)
  const dataDir = await tempFolder(t)
  const bridge = await startBridge(t, { clock, dataDir, settings })
  await ready(bridge)
  const path = '/api/v1/cloud/accounts/home/totp'
  const setup = await bridge.rest('POST', `${path}/setup`)
  t.match(setup, { status: 200, body: { secret_key: /^[A-Z2-7]{32}$/, provisioning_uri: /^otpauth:/ } })
  t.equal(service.secretOf(USER), undefined, 'not in force before it is activated')
  const activated = await bridge.rest('POST', `${path}/activate`)
  t.match(activated, { status: 200, body: { recovery_codes: Array(8).fill(String) } })
  t.equal(service.secretOf(USER), setup.body.secret_key)
  t.match(await bridge.rest('POST', `${path}/setup`), { status: 400, body: { error: { code: 'BAD_REQUEST' } } })

  // A session that ends is begun anew with a code that the bridge makes by itself.
  const nextCode = () => {
    const then = clock.now()
    return eventually('the service takes another code', () => clock.now() > then + 31_000)
  }
  await nextCode()
  service.revokeTokens()
  t.match(await bridge.rest('POST', '/api/v1/cloud/accounts/home/login'), { body: { state: 'ready' } })
  t.equal(service.sessions, 1)
  const shown = [setup, activated].map(({ text }) => text)
  const later = await bridge.rest('GET', '/api/v1/cloud/accounts')
  await bridge.stop()
  for (const secret of service.issued) t.notOk(later.text.includes(secret))
  t.ok(shown.join('').includes(service.secretOf(USER) ?? '-'))

  await t.test('by the command line', async (t) => {
    const env = { T2M_CONFIG: join(dataDir, 'config.yaml'), T2M_DATA_DIR: dataDir }
    const off = call({ env, clock, words: ['deactivate'] })
    t.equal(await totp(off), 0)
    t.equal(service.secretOf(USER), undefined)
    const set = call({ env, clock, words: ['setup'] })
    t.equal(await totp(set), 0)
    t.match(set.terminal.outs[0], /^Secret: {2}[A-Z2-7]{32}$/)
    t.match(set.terminal.text, /otpauth:.*thermo2mqtt totp activate --account=home$/s)
    await nextCode()
    const on = call({ env, clock, words: ['activate'] })
    t.equal(await totp(on), 0)
    t.equal(`Secret:  ${service.secretOf(USER)}`, set.terminal.outs[0])
    t.match(on.terminal.outs, [/is on/, /shown only once/, ...Array(8).fill(/^[A-Z2-7]{10}$/)])
    await t.rejects(totp(call({ env, clock, words: ['setup'] })), { code: 'BAD_REQUEST', message: /400/ })
    await t.rejects(totp(call({ env, clock, words: ['setup'], options: { account: 'other' } })), { name: 'UsageError' })
  })
  await leavesNoTrace(t, bridge, [PASSWORD, KEY, ...service.issued], [later.text])
})

function parseObject(text: string): JsonObject {
  const parsed = parseJson(text)
  return isObject(parsed) ? parsed : {}
}
