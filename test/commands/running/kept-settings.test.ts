/** The settings of the page for commands: the same as for the bridge, and no reason to fail when the store is. */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadEffective } from '../../../src/app/settings/kept.ts'
import { COMMANDS } from '../../../src/commands/index.ts'
import { SystemClock } from '../../../src/core/clock.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { openSettings, type SettingToKeep } from '../../../src/store/settings.ts'
import { openStore } from '../../../src/store/store.ts'
import { call, temporaryFolder } from '../support.ts'

const clock = new SystemClock()

function parts(dataDir: string) {
  const secrets = new SecretValues()
  return { dataDir, clock, secrets, logger: createLogger({ level: 'silent', secrets, write: () => undefined }) }
}

/** A store in which these were set on the page. */
function kept(t: Test, values: Readonly<Record<string, SettingToKeep>> = {}): string {
  const dataDir = temporaryFolder(t)
  openStore(parts(dataDir)).close()
  const opened = openSettings(parts(dataDir))
  opened?.settings.change(new Map(Object.entries(values)))
  opened?.close()
  return dataDir
}

const load = (dataDir: string, env: Record<string, string> = {}) =>
  loadEffective(clock, { flags: { data_dir: dataDir }, env })

const plain = (value: string) => ({ value, secret: false })

t.test('commands know the accounts of the page', async (t) => {
  const dataDir = kept(t, {
    'cloud.accounts[home].provider': plain('terneo'),
    'cloud.accounts[home].username': plain('me@example.com'),
    'cloud.accounts[home].password': { value: 'hunter2-page', secret: true },
    'cloud.accounts[home].url': plain('http://127.0.0.1:1'),
    'mqtt.url': plain('mqtt://127.0.0.1:1'),
    'later.setting': plain('x'),
  })
  const flags = { data_dir: dataDir, 'discovery.enabled': 'false', 'api.port': '0' }
  const doctor = call({ flags })
  await (await COMMANDS.doctor())(doctor)
  t.match(doctor.terminal.text, /home/, 'doctor asks the account')
  t.match(doctor.terminal.text, /mqtt:\/\/127\.0\.0\.1:1.*ECONNREFUSED/)
  t.match(doctor.terminal.text, /later\.setting: set on the page, but this version/)
  t.notMatch(doctor.terminal.text, /hunter2/)
  const login = call({ flags })
  await t.rejects((await COMMANDS.login())(login), { code: 'CLOUD_UNREACHABLE' })
  t.match(login.terminal.errs, [/Signing in to terneo as me@example\.com/])
})

t.test('a store that is not there is not made', async (t) => {
  const dataDir = join(temporaryFolder(t), 'data')
  t.strictSame((await load(dataDir)).warnings, [])
  t.throws(() => readdirSync(dataDir))
})

t.test('a store that cannot be read is told, and everything else is in force', async (t) => {
  const root = process.getuid?.() === 0
  const broken: Readonly<Record<string, (dataDir: string) => void>> = {
    'a file that is no database': (dataDir) => writeFileSync(join(dataDir, 'thermo2mqtt.db'), 'x'.repeat(5_000)),
    'a folder in its place': (dataDir) => mkdirSync(join(dataDir, 'thermo2mqtt.db')),
    ...(root ? {} : { 'no permission': (dataDir: string) => chmodSync(join(dataDir, 'thermo2mqtt.db'), 0) }),
  }
  for (const [what, damage] of Object.entries(broken)) {
    const dataDir = temporaryFolder(t)
    damage(dataDir)
    const { settings, warnings } = await load(dataDir, { T2M_MQTT_USERNAME: 'me' })
    t.equal(settings.mqtt.username, 'me', what)
    // That the file was set aside, and what is in its place, are two things.
    t.equal(warnings.length, what === 'a file that is no database' ? 2 : 1, what)
  }
  const { warnings } = await load(kept(t), { T2M_STORE_KEY_FILE: '/dev/null' })
  t.match(warnings, [/^The settings of the page are not in force: store\.key_file/])
})
