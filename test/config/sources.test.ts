import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { flagNames, loadSettings } from '../../src/config/loading/index.ts'
import { CWD, LOCAL, load } from './support.ts'

t.test('without anything, all is default', async (t) => {
  const { settings, origins, warnings, file } = await load({})
  t.equal(settings.api.port, 8580)
  t.same([...new Set(origins.values())], ['default'])
  t.same(warnings, [])
  t.equal(file, null)
})

t.test('the later source wins', async (t) => {
  const file = 'api: {host: file.example, port: 1}\nlog: {level: warn}\ndevice: {timeout: 2s}\n'
  const env = { T2M_API_PORT: '2', T2M_LOG_LEVEL: 'error', T2M_DEVICE_TIMEOUT: '' }
  const { settings, origins } = await load({ file, env, flags: { 'log.level': 'debug' } })
  t.match(settings, { api: { host: 'file.example', port: 2 }, log: { level: 'debug' }, device: { timeout: 2_000 } })
  t.equal(origins.get('api.host'), `configuration file ${LOCAL}`)
  t.equal(origins.get('api.port'), 'environment variable T2M_API_PORT')
  t.equal(origins.get('log.level'), 'flag --log.level')
  t.equal(origins.get('log.format'), 'default')
  t.equal(origins.get('device.timeout'), `configuration file ${LOCAL}`, 'an empty variable counts as not set')
})

t.test('every setting but the lists has a flag', async (t) => {
  const names = flagNames()
  t.ok(names.includes('mqtt.embedded.port'))
  t.notOk(names.includes('devices'))
})

t.test('an empty flag takes a value away', async (t) => {
  const given = { file: 'mqtt: {url: "mqtt://a", username: me}', flags: { 'mqtt.url': '', 'mqtt.username': '' } }
  const { settings } = await load(given)
  t.same(settings.mqtt.url, [])
  t.equal(settings.mqtt.username, null)
})

t.test('one configuration file is read: the named, the local, or that of the data folder', async (t) => {
  const files = {
    'named.json': '\ufeff{"api":\n\t{"port": 1}}',
    'config/local.yaml': 'api: {port: 2}',
    '/data/config.yaml': 'api: {port: 3}',
    'data/config.yaml': 'api: {port: 4}',
    '/flag/config.yaml': 'api: {port: 5}',
  }
  const { 'config/local.yaml': _, ...others } = files
  const portOf = async (given: Parameters<typeof load>[0]) => (await load(given)).settings.api.port
  t.equal(await portOf({ files, env: { T2M_CONFIG: 'named.json', T2M_DATA_DIR: '/data' } }), 1)
  t.equal(await portOf({ files, env: { T2M_DATA_DIR: '/data' } }), 2)
  t.equal(await portOf({ files: others, env: { T2M_DATA_DIR: '/data' } }), 3)
  t.equal(await portOf({ files: others }), 4)
  t.equal(await portOf({ files: others, flags: { data_dir: '/flag' } }), 5)
  t.equal((await load({ files: others })).file, `${CWD}/data/config.yaml`)
})

t.test('names without values, empty sections and empty files give nothing', async (t) => {
  const { settings: plain } = await load({})
  for (const file of ['', '# nothing\n', '---\n', 'null', 'mqtt:\napi:\n  host:\ncloud:\n  accounts:\ndevices:\n']) {
    t.same((await load({ file })).settings, plain, JSON.stringify(file))
  }
})

t.test('secrets come from files too, without the newline at their end', async (t) => {
  const secrets = [
    ['hunter2hunter2\n', 'hunter2hunter2'],
    ['hunter2hunter2\r\n', 'hunter2hunter2'],
    ['hunter2 hunter2', 'hunter2 hunter2'],
  ] as const
  for (const [content, secret] of secrets) {
    const env = { T2M_MQTT_PASSWORD_FILE: '/run/mqtt', T2M_API_ADMIN_PASSWORD_FILE: 'admin' }
    const { settings, origins } = await load({ files: { '/run/mqtt': content, admin: content }, env })
    t.equal(settings.mqtt.password, secret)
    t.equal(settings.api.admin_password, secret)
    t.equal(origins.get('mqtt.password'), 'secret file /run/mqtt (T2M_MQTT_PASSWORD_FILE)')
  }
})

t.test('a _FILE variable replaces the value of the configuration file', async (t) => {
  const env = { T2M_MQTT_PASSWORD_FILE: '/run/mqtt', T2M_MQTT_PASSWORD: '' }
  const { settings } = await load({ file: 'mqtt: {password: old}', files: { '/run/mqtt': 'new' }, env })
  t.equal(settings.mqtt.password, 'new')
})

const ENV_ACCOUNT = { T2M_CLOUD_PROVIDER: 'terneo', T2M_CLOUD_USERNAME: 'me', T2M_CLOUD_PASSWORD: 'hunter2' }

t.test('the environment can give one account', async (t) => {
  const env = { ...ENV_ACCOUNT, T2M_CLOUD_URL: 'http://127.0.0.1:8080/', T2M_CLOUD_TOTP_SECRET: 'jbswy3dpehpk3pxp' }
  const { settings, origins } = await load({ env })
  t.match(settings.cloud.accounts, [
    { id: 'terneo', provider: 'terneo', username: 'me', password: 'hunter2', url: 'http://127.0.0.1:8080' },
  ])
  t.equal(settings.cloud.accounts[0]?.totp_secret, 'JBSWY3DPEHPK3PXP')
  t.equal(settings.cloud.accounts[0]?.devices.path, null)
  t.equal(origins.get('cloud.accounts'), 'the environment')
  t.equal(origins.get('cloud.accounts[0].username'), 'environment variable T2M_CLOUD_USERNAME')
})

t.test('the account of the environment is one more, or replaces values of the one with its id', async (t) => {
  const other = 'cloud: {accounts: [{id: home, provider: welrok, username: you, password: old}]}'
  const more = await load({ file: other, env: ENV_ACCOUNT })
  t.same(
    more.settings.cloud.accounts.map((account) => account.id),
    ['home', 'terneo'],
  )
  const same = 'cloud: {accounts: [{provider: terneo, username: you, url: "https://c.example"}]}'
  const { settings, origins } = await load({
    file: same,
    files: { '/run/cloud': 'hunter2\n' },
    env: { T2M_CLOUD_PROVIDER: 'terneo', T2M_CLOUD_PASSWORD_FILE: '/run/cloud' },
  })
  t.match(settings.cloud.accounts, [{ username: 'you', password: 'hunter2', url: 'https://c.example' }])
  t.equal(settings.cloud.accounts.length, 1)
  t.equal(origins.get('cloud.accounts[0].url'), `configuration file ${LOCAL}`)
})

t.test('what is allowed but hardly meant is a warning', async (t) => {
  const accounts = 'cloud: {accounts: [{provider: txty, username: me, password: hunter2}]}'
  t.match((await load({ file: accounts })).warnings, [/^cloud\.accounts\[0\]\.devices\.path is not set/])
  t.match((await load({ env: { T2M_NATIVE_MQTT_ENABLED: 'true' } })).warnings, [
    /no device can reach the embedded broker/,
  ])
  t.same((await load({ env: { T2M_MQTT_EMBEDDED_HOST: '::1' } })).warnings, [])
})

t.test('real files on a real disk', async (t) => {
  const cwd = t.testdir({ config: { 'local.yaml': 'api: {port: 7}' }, secret: 'hunter2hunter2\n' })
  const { settings } = await loadSettings({ cwd, env: { T2M_API_ADMIN_PASSWORD_FILE: 'secret' }, flags: {} })
  t.match(settings.api, { port: 7, admin_password: 'hunter2hunter2' })
  await t.rejects(loadSettings({ cwd, env: { T2M_CONFIG: 'config' }, flags: {} }), /it is a folder/)
  await t.rejects(loadSettings({ cwd, env: { T2M_MQTT_PASSWORD_FILE: '/dev/zero' }, flags: {} }), /larger than 64 KiB/)
  mkdirSync(join(cwd, 'big'))
  writeFileSync(join(cwd, 'big', 'config.yaml'), `# ${'x'.repeat(1024 * 1024)}\n`)
  await t.rejects(loadSettings({ cwd, env: { T2M_CONFIG: 'big/config.yaml' }, flags: {} }), /larger than 1024 KiB/)
})

t.test('without a file the YAML parser is not even loaded', async (t) => {
  const loader = JSON.stringify(new URL('../../src/config/loading/index.ts', import.meta.url).href)
  const script = `import { createRequire } from 'node:module'
    const { loadSettings } = await import(${loader})
    await loadSettings({ env: { T2M_CONFIG: process.env.FILE }, flags: {}, cwd: process.env.HERE })
    const modules = Object.keys(createRequire(${loader}).cache)
    console.log(['convict', 'yaml'].map((name) => modules.some((path) => path.includes('/node_modules/' + name + '/'))).join())`
  const here = t.testdir({ 'a.yaml': 'api: {port: 1}' })
  const run = (FILE: string) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { HERE: here, FILE },
      encoding: 'utf8',
    }).trim()
  t.equal(run(''), 'true,false')
  t.equal(run('a.yaml'), 'true,true')
})
