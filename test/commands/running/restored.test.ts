/** A backup that is restored over REST takes the place of the store in the running process, or everything stays as it was. */
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SystemClock } from '../../../src/core/clock.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { Backups } from '../../../src/store/backup/index.ts'
import { openSettings } from '../../../src/store/settings.ts'
import { openStore } from '../../../src/store/store.ts'
import { signIn } from '../../support/api.ts'
import { eventually } from '../../support/e2e.ts'
import { listening } from '../../support/listening.ts'
import { temporaryFolder } from '../support.ts'
import { type Alive, bridge } from './alive.ts'

const PASSWORD = 'hunter2-admin'
const PASSPHRASE = 'twelve characters at least'

/** A backup of a store in which the page has set this port for the broker. */
async function backupWith(t: Test, port: number): Promise<Buffer> {
  const dataDir = temporaryFolder(t)
  const secrets = new SecretValues()
  const logger = createLogger({ level: 'silent', secrets, write: () => undefined })
  const place = { dataDir, clock: new SystemClock(), logger, secrets }
  const store = openStore(place)
  t.teardown(() => store.close())
  store.devices.save({
    ...{ serial: 'RESTORED-1', hw: null, name: 'Restored', host: null, port: null, counterBase: null },
    ...{ learned: {}, features: [], sources: ['beacon'] },
  })
  const opened = openSettings(place)
  opened?.settings.change(new Map([['mqtt.embedded.port', { value: port, secret: false }]]))
  opened?.settings.confirm()
  opened?.close()
  const made = await new Backups({ ...place, vault: store.vault, version: '1.0.0', workFactor: 1 }).make(PASSPHRASE)
  const pieces: Uint8Array[] = []
  for await (const piece of made.content) pieces.push(piece)
  made.discard()
  return Buffer.concat(pieces)
}

async function restore({ url, starts }: Alive, backup: Buffer): Promise<void> {
  const { authorization } = await signIn(url, PASSWORD)
  const post = async (path: string, body: string | Uint8Array<ArrayBuffer>, type: string) => {
    const headers = { authorization, 'content-type': type, connection: 'close' }
    const response = await fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body })
    return Object(await response.json())
  }
  const before = starts()
  const { id } = await post('/restore', new Uint8Array(backup), 'application/octet-stream')
  const body = JSON.stringify({ passphrase: PASSPHRASE, password: PASSWORD })
  t.match(await post(`/restore/${id}`, body, 'application/json'), { devices: 1, restarting: true })
  await eventually('the bridge has started anew', () => starts() > before)
}

async function get({ url }: Alive, path: string): Promise<Record<string, unknown>> {
  const { authorization } = await signIn(url, PASSWORD)
  return Object(await (await fetch(`${url}/api/v1${path}`, { headers: { authorization } })).json())
}

t.test('a restored backup is in force at once', async (t) => {
  const alive = await bridge(t)
  const session = await signIn(alive.url, PASSWORD)
  await restore(alive, await backupWith(t, 0))
  t.match(await get(alive, '/devices'), { devices: [{ serial: 'RESTORED-1', name: 'Restored' }] })
  const old = await fetch(`${alive.url}/api/v1/devices`, { headers: { ...session } })
  t.equal(old.status, 401, 'everybody signs in anew')
  t.match(JSON.stringify(await get(alive, '/audit')), /"action":"restoreBackup","target"/)
})

t.test('with one that can’t start here, the bridge goes on as before', async (t) => {
  const port = await listening(t, createServer())
  const dataDir = join(temporaryFolder(t), 'data')
  const alive = await bridge(t, dataDir)
  await restore(alive, await backupWith(t, port))
  t.match(await get(alive, '/devices'), { devices: [] })
  t.match(await get(alive, '/settings'), { failed: { message: new RegExp(`${port}`) } })
})
