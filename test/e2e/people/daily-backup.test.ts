/** A backup each day, from the passphrase that is given once to a house on another machine. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { applyStaged } from '../../../src/store/backup/staged.ts'
import { signIn } from '../../support/api.ts'
import { parseExposition } from '../../support/contracts/exposition.ts'
import { ADMIN, type Bridge, eventually, startBridge, tempFolder } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'

const PASSPHRASE = 'four words that nobody guesses'
/** The first backup is made ten minutes after the start. */
const FACTOR = 120

async function post(bridge: Bridge, path: string, body: Uint8Array<ArrayBuffer> | string) {
  const { url } = bridge.addresses.api
  const { authorization } = await signIn(url, ADMIN)
  const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream'
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization, 'content-type': type },
    body,
  })
  return Object(await response.json())
}

t.test(
  'the passphrase is given once; the backup in the folder is told of, and restored on another machine',
  async (t) => {
    const clock = new FastClock(FACTOR)
    const [dataDir, disk] = [await tempFolder(t), await tempFolder(t)]
    const folder = join(disk, 'thermo2mqtt')
    const settings = { backup: { folder } }
    const first = await startBridge(t, { clock, dataDir, settings })
    t.match((await first.rest('GET', '/api/v1/info')).body, { backup: { enabled: false, last: null, failing: false } })
    const given = await first.rest('PATCH', '/api/v1/settings', {
      ...{ 'backup.passphrase': PASSPHRASE, 'backup.keep': 2 },
    })
    t.equal(given.status, 200)
    t.notMatch(given.text, PASSPHRASE, 'it is not shown again')
    await first.stop()
    const kept = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const open = kept.filter(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(PASSPHRASE))
    t.strictSame(open, [], 'nor kept in the clear')

    const bridge = await startBridge(t, { clock, dataDir, settings })
    const there = () => (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('.tar.age'))
    const age = async () => {
      const families = parseExposition((await bridge.rest('GET', '/metrics')).text)
      return families.get('thermo2mqtt_backup_age_seconds')?.samples[0]?.value
    }
    t.equal(await age(), undefined, 'none yet')
    const name = await eventually('one is made', () => there()[0])
    const last = await eventually('it is told of', async () => {
      const { backup } = (await bridge.rest('GET', '/api/v1/info')).body
      return isObject(backup) && typeof backup.last === 'string' && backup.last
    })
    t.equal(name, `thermo2mqtt-${last.slice(0, 19).replaceAll(':', '-')}.tar.age`)
    const before = Math.floor((clock.now() - Date.parse(last)) / 1000)
    t.ok(Number(await age()) >= before, 'its age is a metric')
    await eventually('it gets older', async () => Number(await age()) > before + 60)
    await bridge.stop()

    const other = await startBridge(t, { clock })
    const bytes = new Uint8Array(readFileSync(join(folder, name)))
    const { id } = await post(other, '/api/v1/restore', bytes)
    const wrong = { passphrase: 'another passphrase', password: ADMIN }
    t.match(await post(other, `/api/v1/restore/${id}`, JSON.stringify(wrong)), {
      error: { details: { reason: 'passphrase' } },
    })
    const right = { passphrase: PASSPHRASE, password: ADMIN }
    t.match(await post(other, `/api/v1/restore/${id}`, JSON.stringify(right)), { users: ['admin'] })
    await other.stop()
    const logger = createLogger({ level: 'silent', secrets: new SecretValues(), write: () => undefined })
    t.ok(applyStaged(other.dataDir, logger))
    const again = await startBridge(t, { clock, dataDir: other.dataDir })
    const { settings: restored } = (await again.rest('GET', '/api/v1/settings')).body
    t.match(
      (Array.isArray(restored) ? restored : []).find(({ key }) => key === 'backup.keep'),
      { value: 2, source: 'page' },
      'what was set on the page is there',
    )
  },
)

t.test('a folder that can’t be made is said by REST, metric and log, and everything else goes on', async (t) => {
  const clock = new FastClock(FACTOR)
  const disk = await tempFolder(t)
  // As a network drive that is not there: something else has its name.
  const folder = join(disk, 'file', 'backups')
  writeFileSync(join(disk, 'file'), '')
  const bridge = await startBridge(t, { clock, settings: { backup: { folder, passphrase: PASSPHRASE } } })
  await eventually('it was tried', async () => {
    const { backup } = (await bridge.rest('GET', '/api/v1/info')).body
    return isObject(backup) && backup.failing === true && backup.last === null
  })
  const families = parseExposition((await bridge.rest('GET', '/metrics')).text)
  t.match(families.get('thermo2mqtt_backup_up')?.samples, [{ value: 0 }])
  t.match(bridge.log.join('\n'), /daily backup can't be made in .*Check that the folder \(backup\.folder\)/)
})
