/** What looks after the bridge: names, what happened, keys, diagnostics, backup and restore, over real sockets. */
import t from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { applyStaged } from '../../../src/store/backup/staged.ts'
import { signIn } from '../../support/api.ts'
import {
  ADMIN,
  accountsOf,
  type Bridge,
  devicesOf,
  eventually,
  startBridge,
  startHouse,
  unit,
} from '../../support/e2e.ts'

const PASSPHRASE = 'a passphrase of nobody'
/** Nothing happens that these messages are about. */
const MAILED = {
  about: ['overheated'],
  telegram: { token: '123456789:AAabcdefghijklmnopqrstuvwxyz', chat: '987654321' },
  email: {
    ...{ host: 'mail.of-ivan.example', user: 'mailbox of ivan', password: 'password of the mailbox' },
    ...{ from: 'ivan@of-ivan.example', to: ['neighbour@example.com', 'тітка@приклад.укр'] },
  },
}
const OCTETS = 'application/octet-stream'

async function ask(bridge: Bridge, path: string, body: string | Buffer, type = 'application/json') {
  const { url } = bridge.addresses.api
  const { authorization } = await signIn(url, ADMIN)
  const headers = { authorization, 'content-type': type }
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) })
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
}

async function backupOf(bridge: Bridge): Promise<Buffer> {
  const answer = await ask(bridge, '/api/v1/backup', JSON.stringify({ passphrase: PASSPHRASE, password: ADMIN }))
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-disposition'), /^attachment; filename="thermo2mqtt-[\dT-]+\.tar\.age"$/)
  return answer.bytes
}

const errorOf = ({ bytes }: { bytes: Buffer }): unknown => JSON.parse(bytes.toString())

t.test('a house is looked after', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }, { model: 'oz' }] })
  const settings = { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house), messages: MAILED }
  const bridge = await startBridge(t, { settings })
  const ax = unit(house, 0)
  await bridge.online(...house.thermostats.map(({ serial }) => serial))
  await eventually(
    'a key is held',
    async () => Object((await bridge.rest('GET', '/api/v1/keys')).body.keys).length === 2,
  )

  await t.test('a device is named, by REST and MQTT, and Home Assistant follows', async (t) => {
    const path = `/api/v1/devices/${ax.serial}`
    const before = (await bridge.device(ax.serial)).name
    const named = await bridge.rest('PATCH', path, { name: '<b>Ванна</b>' })
    t.match(named, { status: 200, body: { name: '<b>Ванна</b>', name_source: 'given' } })
    const announced = ({ topic, text }: { topic: string; text: string }) =>
      topic.startsWith('homeassistant/') && topic.includes(ax.serial) && text.includes('<b>Ванна</b>')
    await eventually('Home Assistant has the name', () => bridge.mqtt.messages.some(announced))
    const taken = await bridge.mqtt.request('rename', { serial: ax.serial, name: null })
    t.match(taken, { ok: true, data: { serial: ax.serial, name: before } })
    t.match(await bridge.mqtt.request('rename', { serial: ax.serial, name: '' }), { error: { code: 'BAD_REQUEST' } })
    t.match(await bridge.rest('PATCH', path, { name: 'x'.repeat(65) }), { status: 400 })
    t.match(await bridge.rest('PATCH', path, { name: 'x', more: 1 }), { status: 400 })
    t.match(await bridge.rest('PATCH', '/api/v1/devices/NONE-1', { name: 'x' }), { status: 404 })
    await bridge.rest('PATCH', path, { name: 'Bath of Ivan' })
  })

  await t.test('what happened is kept, of every type, newest first, in pages', async (t) => {
    bridge.app.registry.events.emit('event', {
      type: 'key_changed',
      serial: ax.serial,
      message: 'm',
      details: { a: 1 },
    })
    const { body } = await bridge.rest('GET', `/api/v1/devices/${ax.serial}/events?limit=2`)
    t.match(body, { events: [{ type: 'key_changed', details: { a: 1 } }, { type: 'device_renamed' }] })
    const next = await bridge.rest('GET', `/api/v1/devices/${ax.serial}/events?before=${String(body.next)}`)
    t.match(next.body, { events: [{ type: 'device_renamed' }], next: null })
    const all = await bridge.rest('GET', '/api/v1/log?limit=999')
    t.match(JSON.stringify(all.body), /"account_state"/, 'what concerns no device as well')
    for (const bad of ['limit=0', 'limit=1000', 'before=x', 'more=1'])
      t.equal((await bridge.rest('GET', `/api/v1/log?${bad}`)).status, 400, bad)
    t.equal((await bridge.rest('GET', '/api/v1/devices/NONE-1/events')).status, 404)
  })

  await t.test('keys are told of, never told', async (t) => {
    const { text, body } = await bridge.rest('GET', '/api/v1/keys')
    const held = { serial: ax.serial, name: 'Bath of Ivan', source: 'terneo', refused: false, used: true }
    t.match(
      Object(body.keys).find((key: unknown) => Object(key).serial === ax.serial),
      held,
    )
    for (const { key } of house.thermostats) t.notMatch(text, key)
    await bridge.patch(ax.serial, { mode: 'heat' })
    const now = await eventually('it was accepted', async () => {
      const { keys } = (await bridge.rest('GET', '/api/v1/keys')).body
      const own = Array.isArray(keys) ? keys.find((one) => isObject(one) && one.serial === ax.serial) : undefined
      return isObject(own) && own.last_accepted
    })
    t.match(now, /^\d{4}-/)
  })

  await t.test('diagnostics hold what helps, and nobody', async (t) => {
    const { status, text, body } = await bridge.rest('GET', '/api/v1/diagnostics')
    t.equal(status, 200)
    t.match(body, {
      bridge: { version: '0.0.0-e2e', node: String },
      settings: { settings: Array },
      devices: [{ name: 'device-1', serial: 'serial-1', state: { mode: 'heat' } }, {}],
      accounts: [{ provider: String }],
      readiness: { store: { ok: true } },
      metrics: Array,
      log: Array,
    })
    const { clouds } = house.describe()
    const personal = [
      ...house.thermostats.flatMap(({ serial, name, key }) => [serial, name, key]),
      ...clouds.flatMap(({ email, password }) => [email, password]),
      ...[MAILED.email.host, MAILED.email.user, MAILED.email.password, MAILED.email.from, ...MAILED.email.to],
      ...[MAILED.telegram.token, MAILED.telegram.chat],
      ...['Bath of Ivan', '<b>Ванна</b>', ADMIN, PASSPHRASE, process.env.USER ?? 'no user'],
    ]
    t.strictSame(
      personal.filter((word) => text.includes(word)),
      [],
      'nobody’s data',
    )
  })

  const backup = await backupOf(bridge)
  await t.test('a backup is restored on another machine', async (t) => {
    const there = await startBridge(t, { settings: { ...settings, cloud: { accounts: [] } } })
    const uploaded = await ask(there, '/api/v1/restore', backup, OCTETS)
    t.equal(uploaded.status, 201)
    const { id } = JSON.parse(uploaded.bytes.toString())
    const good = { passphrase: PASSPHRASE, password: ADMIN }
    const step = (body: object) => ask(there, `/api/v1/restore/${id}`, JSON.stringify(body))
    const wrong = await step({ ...good, password: 'not that' })
    t.match([wrong.status, errorOf(wrong)], [400, { error: { message: 'The password is wrong.' } }])
    const closed = await step({ ...good, passphrase: 'another passphrase' })
    t.match(errorOf(closed), { error: { code: 'BAD_REQUEST', details: { reason: 'passphrase' } } })
    const restored = await step(good)
    t.match(errorOf(restored), { devices: 2, keys: 2, users: ['admin'], restarting: false, version: '0.0.0-e2e' })
    await there.stop()
    const logger = createLogger({ level: 'silent', secrets: new SecretValues(), write: () => undefined })
    t.ok(applyStaged(there.dataDir, logger))
    const again = await startBridge(t, { dataDir: there.dataDir, settings: { ...settings, cloud: { accounts: [] } } })
    t.match(await again.device(ax.serial), { name: 'Bath of Ivan', name_source: 'given' })
    await again.online(ax.serial)
    t.equal((await again.patch(ax.serial, { mode: 'auto' })).status, 200, 'its key signs here as well')
    const { body } = await again.rest('GET', '/api/v1/audit')
    t.match(JSON.stringify(body), /"action":"restoreBackup"/)
  })

  await t.test('uploads that are none are refused, and bodies elsewhere stay JSON', async (t) => {
    const photo = await ask(bridge, '/api/v1/restore', Buffer.alloc(100_000, 0xff), OCTETS)
    t.match([photo.status, errorOf(photo)], [400, { error: { details: { reason: 'foreign' } } }])
    const cut = await ask(bridge, '/api/v1/restore', backup.subarray(0, 100), OCTETS)
    t.match(errorOf(cut), { error: { details: { reason: 'cut_off' } } })
    t.equal((await ask(bridge, '/api/v1/restore', '{}')).status, 415)
    t.equal((await ask(bridge, `/api/v1/devices/${ax.serial}/schedule`, backup, OCTETS)).status, 405)
    t.equal((await ask(bridge, '/api/v1/backup', backup, OCTETS)).status, 415)
    const short = await ask(bridge, '/api/v1/backup', JSON.stringify({ passphrase: 'short', password: ADMIN }))
    t.equal(short.status, 400)
    t.match((await bridge.device(ax.serial)).name, 'Bath of Ivan', 'nothing has changed')
  })
})
