/** A client that is made of `/openapi.json` alone, against the whole bridge: every operation, every answer checked. */
import t, { type Test } from 'tap'
import { itemKey } from '../../../src/config/index.ts'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { seededRandom, VirtualBearer, VirtualOmnitron } from '../../../src/simulator/index.ts'
import { openSettings } from '../../../src/store/settings.ts'
import { openStore } from '../../../src/store/store.ts'
import { at, type CallArguments, OpenApiClient } from '../../support/contracts/openapi-client.ts'
import {
  ADMIN,
  accountsOf,
  devicesOf,
  eventually,
  startBridge,
  startHouse,
  tempFolder,
  unit,
} from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { codeOf, stepOf } from '../../web/browser/totp.ts'

const USER = 'me@example.com'
const PASSWORD = 'password-of-the-cloud'
/** Users of the service that mails codes, who are added while the bridge runs. */
const ADDED = ['second@example.com', 'third@example.com'] as const
const SPARE = 'spare'
const SPARE_DEVICE = 'SPARE-0001'
/**
 * What can't go well here: no account waits for the code of an authenticator, the settings fix the password, and no way for messages
 * is set up.
 */
const REFUSED = new Set(['verifyAccountTotp', 'changePassword', 'testMessages'])

const LAST = new Set(['makeBackup', 'uploadBackup', 'restoreBackup'])

/** What only takes what was set on the page. */
const OF_SETTINGS = new Map([
  ['changeAccount', SPARE],
  ['removeAccount', SPARE],
  ['changeDevice', SPARE_DEVICE],
  ['removeDevice', SPARE_DEVICE],
])

/** A day on which the times in the examples are still to come, as they must be for who is away. */
const BEFORE_THE_EXAMPLES = Date.UTC(2026, 11, 1)

interface Scene {
  readonly client: OpenApiClient
  readonly clock: FastClock
  readonly serial: string
  readonly mails: readonly string[]
  /** The address of the service that mails them. */
  readonly mailing: string
  /** Calls, and tells when that does not go well. */
  readonly ok: (id: string, args?: CallArguments) => Promise<unknown>
}

async function openScene(t: Test): Promise<Scene> {
  const clock = new FastClock(100, BEFORE_THE_EXAMPLES)
  const house = await startHouse(t, { clock, thermostats: [{ model: 'ax' }] })
  const user = { user: USER, password: PASSWORD, devices: [] }
  const mailed = [USER, ...ADDED].map((name) => ({ ...user, user: name, has2fa: true }))
  const mailing = new VirtualBearer({ clock, random: seededRandom(7), accounts: mailed })
  const omnitron = new VirtualOmnitron({ clock, random: seededRandom(8), accounts: [user] })
  await Promise.all([mailing.start(), omnitron.start()])
  t.teardown(() => Promise.all([mailing.stop(), omnitron.stop()]))
  const accounts: JsonObject[] = [
    ...accountsOf(house),
    ...[mailing, omnitron].map(({ url }, i) => ({
      id: ['mailed', 'omni'][i] ?? '',
      provider: ['bearer', 'omnitron'][i] ?? '',
      url,
      username: USER,
      password: PASSWORD,
      devices: { path: ['/api/v1/devices/', '/api/devices/'][i] ?? '', items: 'results' },
    })),
  ]
  const dataDir = await tempFolder(t)
  setOnPage(dataDir, clock)
  const bridge = await startBridge(t, { clock, dataDir, settings: { cloud: { accounts }, devices: devicesOf(house) } })
  const { serial } = unit(house)
  await bridge.online(serial)
  const { url } = bridge.addresses.api
  const client = new OpenApiClient((await bridge.rest('GET', '/openapi.json')).body, url)
  const ok: Scene['ok'] = async (id, args) => {
    const { status, body } = await client.call(id, args)
    if (status >= 300) t.fail(`${id} was refused: ${status} ${JSON.stringify(body)}`)
    return body
  }
  return { client, clock, serial, mails: mailing.mails, mailing: mailing.url, ok }
}

/** An account and a device that the page has set, which can be changed there. */
function setOnPage(dataDir: string, clock: FastClock): void {
  const secrets = new SecretValues()
  const logger = createLogger({ level: 'silent', secrets, write: () => undefined })
  openStore({ dataDir, clock, logger, secrets }).close()
  const opened = openSettings({ dataDir, clock, logger, secrets })
  opened?.settings.change(
    new Map(
      [
        [itemKey('cloud.accounts', SPARE, 'provider'), 'terneo'],
        [itemKey('cloud.accounts', SPARE, 'url'), 'https://127.0.0.1:9'],
        [itemKey('cloud.accounts', SPARE, 'username'), USER],
        [itemKey('cloud.accounts', SPARE, 'password'), PASSWORD],
        [itemKey('devices', SPARE_DEVICE, 'name'), 'Attic'],
      ].map(([key = '', value = '']) => [key, { value, secret: value === PASSWORD }]),
    ),
  )
  opened?.settings.confirm()
  opened?.close()
}

const text = (value: unknown, ...path: readonly string[]): string => String(at(value, ...path))

async function signsIn({ client, ok }: Scene): Promise<void> {
  const answer = await ok('login', { body: { username: 'admin', password: ADMIN } })
  client.token = text(answer, 'token', 'access')
}

async function usesDevices({ ok, serial: id }: Scene): Promise<void> {
  await ok('setState', { params: { id }, body: { brightness: 4 } })
  await ok('runAction', { params: { id, action: 'blink' } })
  await ok('setScheduleDay', {
    params: { id, kind: 'floor', day: 'monday' },
    body: [{ time: '06:00', temperature: 24 }],
  })
  await ok('importSchedules', { body: await ok('exportSchedules') })
  await ok('getDevice', { params: { id } })
  await ok('getSchedule', { params: { id } })
}

async function usesSettings({ ok }: Scene): Promise<void> {
  await ok('changeSettings', { body: { 'cloud.sync_interval': '4h' } })
  const tested = await ok('testBroker', { body: { url: 'mqtt://127.0.0.1:9' } })
  if (at(tested, 'ok') !== false) throw new Error('nothing is there')
  const asked = await ok('testDevice', { body: { serial: 'AX000001', host: '127.0.0.1', port: 9 } })
  if (at(asked, 'problem') !== 'DEVICE_UNREACHABLE') throw new Error('nobody answers there')
}

async function usesAccounts({ client, ok, mails }: Scene): Promise<void> {
  const code = await eventually('a code was mailed', () => mails.at(-1))
  await ok('submitCode', { params: { id: 'mailed' }, body: { code } })
  const omni = { params: { id: 'omni' } }
  await eventually('the account is ready', async () => {
    const accounts = at(await ok('listAccounts'), 'accounts')
    return Array.isArray(accounts) && accounts.some((one) => at(one, 'id') === 'omni' && at(one, 'state') === 'ready')
  })
  await ok('setUpAccountTotp', omni)
  await ok('activateAccountTotp', { ...omni, body: {} })
  await client.call('verifyAccountTotp', { ...omni, body: {} })
  await ok('syncAccount', omni)
  await ok('logoutAccount', { params: { id: 'mailed' } })
}

/** Accounts that sign in before they are saved; one of them is given up. */
async function addsAccounts({ mailing: url, mails, ok }: Scene): Promise<void> {
  const [second, third] = ADDED.map((username) => ({ provider: 'bearer', url, username, password: PASSWORD }))
  const waiting = await ok('addAccount', { body: { ...second, id: 'second' } })
  const body = { code: text(mails.at(-1)) }
  await ok('submitSignInCode', { params: { id: text(waiting, 'sign_in') }, body })
  const unwanted = await ok('addAccount', { body: { ...third, id: 'third' } })
  await ok('cancelSignIn', { params: { id: text(unwanted, 'sign_in') } })
  await ok('changeAccount', { params: { id: SPARE }, body: { devices: { path: '/api/device/' } } })
}

/** Second factor, tokens and sessions, from the first sign-in to the last. */
async function usesSignIn(scene: Scene): Promise<void> {
  const { client, clock, ok } = scene
  const made = await ok('createToken', { body: { name: 'heating', scopes: ['read'] } })
  await ok('me', { token: text(made, 'token') })
  await ok('revokeToken', { params: { id: text(made, 'id') } })
  await client.call('changePassword', { body: { current: ADMIN, new: 'another-password' } })
  const secret = text(await ok('setupTotp'), 'secret_key')
  const code = async () => {
    const step = stepOf(clock.now())
    await eventually('another code is due', () => stepOf(clock.now()) > step)
    return codeOf(secret, stepOf(clock.now()))
  }
  await ok('activateTotp', { body: { token: await code() } })
  const first = await ok('login', { body: { username: 'admin', password: ADMIN } })
  const second = await ok('verifyTotp', { body: { temp_token: text(first, 'temp_token'), token: await code() } })
  const next = await ok('refreshToken', { body: { refresh: text(second, 'token', 'refresh') } })
  client.token = text(next, 'token', 'access')
  await ok('deactivateTotp', { body: { password: ADMIN, token: await code() } })
  const sessions = at(await ok('listSessions'), 'sessions')
  const other = Array.isArray(sessions) ? sessions.find((one) => at(one, 'current') !== true) : undefined
  await ok('endSession', { params: { id: text(other, 'id') } })
  await ok('logout')
  await signsIn(scene)
}

async function usesUsers({ ok }: Scene): Promise<void> {
  const made = await ok('addUser', { body: { name: 'guest', role: 'look', password: ADMIN } })
  const params = { id: text(made, 'id') }
  await ok('changeUser', { params, body: { role: 'control', password: ADMIN } })
  await ok('resetPassword', { params, body: { password: ADMIN } })
  await ok('removeUser', { params })
}

/** Last of all: everybody signs in anew afterwards. */
async function restores(scene: Scene): Promise<void> {
  const { ok } = scene
  const body = { passphrase: 'correct horse battery staple', password: ADMIN }
  const file = await ok('makeBackup', { body })
  const { id } = Object(await ok('uploadBackup', { body: file }))
  await ok('restoreBackup', { params: { id: String(id) }, body })
  await signsIn(scene)
}

/** Whatever is left, with what the document shows as examples, on the device and the account that there are. */
async function usesTheRest({ client, serial }: Scene): Promise<void> {
  const waits = (id: string) => ![...(client.called.get(id) ?? [])].some((status) => status < 300) && !REFUSED.has(id)
  for (const { id, path, parameters, example } of client.operations.values()) {
    if (!waits(id) || LAST.has(id)) continue
    const there = OF_SETTINGS.get(id) ?? (path.includes('/accounts/') ? 'omni' : serial)
    const named = parameters
      .filter(({ in: where }) => where === 'path')
      .map(({ name, example: shown }) => [name, name === 'id' ? there : String(shown)])
    const { status, body } = await client.call(id, {
      params: Object.fromEntries(named),
      ...(example === undefined ? {} : { body: example }),
    })
    if (status >= 300) t.comment(`${id}: ${status} ${JSON.stringify(body)}`)
  }
}

t.test('the document says all there is to know of the service', async (t) => {
  const scene = await openScene(t)
  const { client } = scene
  await signsIn(scene)
  await usesDevices(scene)
  await usesAccounts(scene)
  await addsAccounts(scene)
  await usesSignIn(scene)
  await usesUsers(scene)
  await usesSettings(scene)
  await usesTheRest(scene)
  await restores(scene)
  t.strictSame(client.complaints, [])
  const ids = [...client.operations.keys()]
  const succeeded = (id: string) => [...(client.called.get(id) ?? [])].some((status) => status < 300)
  t.strictSame(
    ids.filter((id) => !succeeded(id)).sort(),
    [...REFUSED].sort(),
    'every operation does what it says, with its examples as they stand',
  )
  await t.rejects(client.call('setState', { params: { id: scene.serial }, body: { colour: 'red' } }), TypeError)
  t.match(await client.call('getDevice', { params: { id: 'NOBODY-1' } }), {
    status: 404,
    body: { error: { code: 'UNKNOWN_DEVICE' } },
  })
  t.match(await client.call('listDevices', { token: null }), { status: 401 })
  t.strictSame(client.complaints, [], 'errors are as documented, too')
  t.ok(isObject((await client.call('openapi')).body))
})
