/**
 * Every login flow in a process of its own, logging everything, until it crashes: what it has logged, published, answered,
 * stored, exported and cried at the end holds no secret of anybody.
 */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SystemClock } from '../../../src/core/clock.ts'
import { isObject, parseJson } from '../../../src/core/json.ts'
import {
  seededRandom,
  VirtualBearer,
  VirtualCloud,
  VirtualOmnitron,
  VirtualTxty,
} from '../../../src/simulator/index.ts'
import { run, start } from '../../commands/support.ts'
import { signIn } from '../../support/api.ts'
import { ADMIN, eventually, filesIn, tempFolder } from '../../support/e2e.ts'
import { Listener } from '../../support/listener.ts'
import { eachRow } from '../../support/rows.ts'
import { unusedPort } from '../../support/unused-port.ts'

const USER = 'somebody@example.com'
const PASSPHRASE = 'correct horse battery'
const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const IDS = ['terneo', 'welrok', 'bearer', 'omnitron', 'txty'] as const
type Id = (typeof IDS)[number]
const passwordOf = (id: Id) => `password/of ${id}`
const serialOf = (id: Id) => `404CCAAAD4E8A8986060980000${String(IDS.indexOf(id)).padStart(4, '0')}`
const keyOf = (id: Id) => `KEY${id.toUpperCase()}`.padEnd(16, '8')

/** The five services, each with one account and one device. */
async function services(t: Test) {
  const clock = new SystemClock()
  const account = (id: Id) => ({
    user: USER,
    password: passwordOf(id),
    devices: [{ serial: serialOf(id), name: id, key: keyOf(id) }],
  })
  const cloud = (vendor: 'terneo' | 'welrok', seed: number) =>
    new VirtualCloud({
      vendor,
      clock,
      random: seededRandom(seed),
      accounts: [
        {
          email: USER,
          password: passwordOf(vendor),
          devices: [{ id: seed, sn: serialOf(vendor), name: vendor, totp_key: keyOf(vendor) }],
        },
      ],
    })
  const all = {
    terneo: cloud('terneo', 1),
    welrok: cloud('welrok', 2),
    bearer: new VirtualBearer({
      clock,
      random: seededRandom(3),
      accounts: [{ ...account('bearer'), has2fa: true }],
      quirks: { refresh: 'rotate', logout: true, lifetime: 3600 },
    }),
    omnitron: new VirtualOmnitron({
      clock,
      random: seededRandom(4),
      accounts: [{ ...account('omnitron'), totpSecret: TOTP_SECRET }],
    }),
    txty: new VirtualTxty({ clock, random: seededRandom(5), accounts: [{ ...account('txty'), twoFactor: true }] }),
  }
  for (const service of Object.values(all)) {
    await service.start()
    t.teardown(() => service.stop())
  }
  return all
}

const LISTS = {
  bearer: { path: '/api/v1/devices/', items: 'results' },
  omnitron: { path: '/api/devices/', items: 'results' },
  txty: { path: '/device/list.json', items: 'data.list', serial: 'serial', key: 'secret.totp' },
}

t.test('no secret of any flow is in what a bridge leaves behind, not even when it crashes', async (t) => {
  const all = await services(t)
  const dataDir = await tempFolder(t)
  const [api, mqttPort] = [await unusedPort(), await unusedPort()]
  const accounts = IDS.map((id) => ({
    id,
    provider: id,
    url: all[id].url,
    username: USER,
    password: passwordOf(id),
    ...(id === 'terneo' || id === 'welrok' ? {} : { devices: LISTS[id] }),
    ...(id === 'omnitron' ? { totp_secret: TOTP_SECRET } : {}),
  }))
  const settings = {
    data_dir: dataDir,
    cloud: { accounts },
    discovery: { enabled: false },
    mqtt: { embedded: { host: '127.0.0.1', port: mqttPort } },
    api: { host: '127.0.0.1', port: api, admin_password: ADMIN },
    log: { level: 'trace', format: 'json' },
  }
  const config = join(await tempFolder(t), 'config.yaml')
  await writeFile(config, JSON.stringify(settings))
  const crash = encodeURIComponent("process.on('SIGUSR2', () => { throw new Error('the worst case') })")
  const env = { T2M_CONFIG: config }
  const bridge = start(t, ['run'], { env: { ...env, NODE_OPTIONS: `--import=data:text/javascript,${crash}` } })
  await bridge.shows(/127\.0\.0\.1:\d+[\s\S]*\n/)
  const base = `http://127.0.0.1:${api}`
  const mqtt = await eventually('the broker is there', () =>
    Listener.open(`mqtt://127.0.0.1:${mqttPort}`, 'thermo2mqtt').catch(() => undefined),
  )
  t.teardown(() => mqtt.close())
  const headers = await eventually('REST is there', () => signIn(base, ADMIN).catch(() => undefined))
  const answers: string[] = []
  const rest = async (method: string, path: string, body?: object) => {
    const response = await fetch(base + path, {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await response.text()
    answers.push(text)
    return text
  }
  const states = async () => {
    const parsed = parseJson(await rest('GET', '/api/v1/cloud/accounts'))
    const list = isObject(parsed) && Array.isArray(parsed.accounts) ? parsed.accounts : []
    return list.map((view: unknown) => (isObject(view) ? view.state : undefined))
  }
  const become = (...wanted: string[]) =>
    eventually(`the accounts become ${wanted}`, async () => String(await states()) === String(wanted))

  await become('ready', 'ready', 'code_needed', 'ready', 'code_needed')
  const tokens = await Promise.all((['terneo', 'welrok'] as const).map((id) => tokenOf(all[id].url, id)))
  for (const id of ['bearer', 'txty'] as const) {
    const sent = id === 'bearer' ? all.bearer.mails : all.txty.messages
    const code = sent.at(-1) ?? ''
    const wrong = code.replace(/^./, (digit) => String((Number(digit) + 1) % 10))
    t.match(await mqtt.request('account_code', { id, code: wrong }), { ok: false, error: { code: 'CLOUD_AUTH' } })
    t.match(parseJson(await rest('POST', `/api/v1/cloud/accounts/${id}/code`, { code })), { state: 'ready' })
  }
  await rest('POST', '/api/v1/cloud/accounts/omnitron/totp/setup')
  all.bearer.revokeTokens({ refresh: false })
  all.omnitron.faults.push({ on: 'devices', fault: 'bad-json' })
  all.welrok.quirks.faults.push('bad-json')
  await mqtt.request('sync')
  t.ok(all.bearer.asked('refresh') > 0)
  all.terneo.changePassword(USER, 'another')
  all.txty.changePassword(USER, 'another')
  for (const id of ['terneo', 'txty', 'welrok', 'omnitron']) await rest('POST', `/api/v1/cloud/accounts/${id}/sync`)
  await become('auth_failed', 'ready', 'ready', 'ready', 'auth_failed')
  await rest('POST', '/api/v1/cloud/accounts/bearer/logout')
  for (const path of ['/api/v1/devices', '/metrics', '/openapi.json', '/readyz']) await rest('GET', path)

  const file = join(dataDir, 'exported.keys')
  const passphraseFile = join(await tempFolder(t), 'passphrase')
  await writeFile(passphraseFile, PASSPHRASE)
  const exported = await run(t, ['keys', `--export=${file}`, `--passphrase-file=${passphraseFile}`], { env })
  t.match(exported, { code: 0, stdout: /^5 keys and 5 devices are in/ })
  const listed = await run(t, ['keys'], { env })
  t.match(listed.stdout, /\*{8}/)

  bridge.child.kill('SIGUSR2')
  const ended = await bridge.ended
  t.match(ended.stderr, /the worst case/)
  const files = await filesIn(dataDir)
  t.ok(files.includes('exported.keys') && files.some((name) => name.endsWith('.db')))
  const disk = await Promise.all(files.map((name) => readFile(join(dataDir, name), 'latin1')))
  const places = {
    log: ended.stdout,
    crash: ended.stderr,
    messages: mqtt.messages
      .filter(({ topic }) => !topic.includes('/request/'))
      .map(({ topic, text }) => `${topic} ${text}`)
      .join('\n'),
    answers: answers.join('\n'),
    disk: disk.join('\n'),
    commands: [exported, listed].map(({ stdout, stderr }) => stdout + stderr).join('\n'),
  }
  const issued = [all.bearer, all.omnitron, all.txty].flatMap((service) => [...service.issued])
  const secrets = [...IDS.map(passwordOf), ...IDS.map(keyOf), ...issued, ...tokens, TOTP_SECRET, ADMIN, PASSPHRASE]
  t.ok(issued.length >= 8 && tokens.every((token) => token.length > 20))
  // Four digits, as some codes have, are in any text.
  const forms = secrets.filter(({ length }) => length >= 6).flatMap((secret) => [secret, encodeURIComponent(secret)])
  for (const [where, text] of Object.entries(places)) {
    t.ok(text.length > 50, where)
    eachRow(
      t,
      where,
      forms,
      (form) => `${form.slice(0, 3)}…`,
      (form) => {
        const found = text.search(new RegExp(`(?<![\\w.])${form.replaceAll(/[^\w]/g, '\\$&')}(?![\\w.])`))
        assert.equal(found < 0 ? '' : text.slice(Math.max(0, found - 200), found + 50), '')
      },
    )
  }
})

/** The token that a cloud gave to the bridge: another login gives the same. */
async function tokenOf(url: string, id: Id): Promise<string> {
  const body = JSON.stringify({ email: USER, password: passwordOf(id) })
  const headers = { 'content-type': 'application/json' }
  const answer: unknown = await (await fetch(`${url}/api/login/`, { method: 'POST', headers, body })).json()
  return isObject(answer) ? String(answer.access_token) : ''
}
