import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { isObject } from '../../../src/core/json.ts'
import type { VirtualHouse } from '../../../src/simulator/index.ts'
import { ADMIN, accountsOf, devicesOf, filesIn, startBridge, startHouse, unit } from '../../support/e2e.ts'

const PASSWORD = 'virtual-house'

/** A secret as it is, and as encodings show it that anybody can undo. */
const formsOf = (secret: string) => {
  const bytes = Buffer.from(secret)
  return [
    secret,
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(secret),
  ]
}

t.test('keys, passwords, tokens and codes are in no log line, message, answer or file', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }, { model: 'oz' }, { model: 'sx' }] })
  const [ax, oz, sx] = [unit(house, 0), unit(house, 1), unit(house, 2)]
  const configured = 'SECRETKEYOFMINE1'
  const devices = devicesOf(house).map((device, index) => (index === 2 ? { ...device, totp_key: configured } : device))
  const settings = { cloud: { accounts: accountsOf(house) }, devices }
  const bridge = await startBridge(t, { settings })
  await bridge.online(ax.serial, oz.serial, sx.serial)
  const secrets = [ax.key, oz.key, configured, PASSWORD, ADMIN, ...(await tokensOf(house))]
  t.equal(secrets.length, 7)

  // Everything that can go well or wrong.
  const texts: string[] = []
  const rest = async (...request: Parameters<typeof bridge.rest>) => texts.push((await bridge.rest(...request)).text)
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 2 }), { ok: true })
  t.match(await bridge.mqtt.command(sx.serial, { brightness: 2 }), { error: { code: 'KEY_REJECTED' } })
  const old = ax.key
  secrets.push(house.rebind(ax.serial) ?? '')
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 3 }), { ok: true })
  t.not(ax.key, old)
  await rest('PATCH', `/api/v1/devices/${oz.serial}/state`, { brightness: 4 })
  await rest('PATCH', `/api/v1/devices/${sx.serial}/state`, { brightness: 4 })
  await rest('PATCH', `/api/v1/devices/${oz.serial}/state`, { password: PASSWORD, totp_key: oz.key })
  await bridge.mqtt.publish(
    `${oz.serial}/set`,
    JSON.stringify({ totp_key: oz.key, password: PASSWORD, transaction: 9 }),
  )
  await bridge.mqtt.result(oz.serial, ({ transaction }) => transaction === 9)
  oz.quirks.injectReplies.push('empty', 'html', 'cut')
  await rest('POST', `/api/v1/devices/${oz.serial}/actions/blink`)
  for (const cloud of house.clouds) {
    cloud.revokeTokens()
    cloud.quirks.faults.push({ status: 429, retryAfter: '1' }, 'bad-json')
  }
  for (const { provider } of house.describe().clouds) await rest('POST', `/api/v1/cloud/accounts/${provider}/sync`)
  await bridge.mqtt.request('sync')
  for (const path of [
    '/api/v1/devices',
    '/api/v1/cloud/accounts',
    '/metrics',
    '/openapi.json',
    '/healthz',
    '/readyz',
  ]) {
    await rest('GET', path)
  }
  await rest('GET', '/api/v1/devices', undefined, `${ADMIN}x`)
  await rest('GET', `/api/v1/devices?token=${configured}`, undefined, null)
  const codes = [ax, oz, sx].flatMap(({ writes }) =>
    writes.flatMap(({ body }) => (isObject(body) && typeof body.auth === 'string' ? [body.auth] : [])),
  )
  t.ok(codes.length >= 4)

  const { length } = bridge.mqtt.messages
  await bridge.stop()
  const files = await filesIn(bridge.dataDir)
  // The settings are the tests' own; the file of the master key holds nothing of these.
  const kept = files.filter((name) => name !== 'config.yaml')
  t.ok(kept.some((name) => name.endsWith('.db')))
  const disk = await Promise.all(kept.map((name) => readFile(join(bridge.dataDir, name), 'latin1')))
  t.ok(bridge.log.length > 20 && length > 20 && texts.every((text) => text.length > 0))

  // All but what the test itself has sent.
  const messages = bridge.mqtt.messages
    .filter(({ topic }) => !topic.endsWith('/set'))
    .map(({ topic, text }) => `${topic} ${text}`)
  for (const [where, lines] of Object.entries({ log: bridge.log, messages, answers: texts, disk })) {
    for (const secret of [...secrets.flatMap(formsOf), ...codes]) {
      t.same(
        lines.filter((line) => line.includes(secret)).map((line) => line.slice(0, 500)),
        [],
        `${where}: ${secret.slice(0, 4)}…`,
      )
    }
  }
})

/** The tokens that the clouds gave to the bridge: another login gives the same. */
async function tokensOf(house: VirtualHouse): Promise<string[]> {
  return Promise.all(
    house.describe().clouds.map(async ({ url, email, password }) => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ email, password })
      const answer: unknown = await (await fetch(`${url}/api/login/`, { method: 'POST', headers, body })).json()
      return isObject(answer) ? String(answer.access_token) : ''
    }),
  )
}
