/** The program as people start it: exit codes, and the one line for each mistake. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { connectAsync } from 'mqtt'
import t from 'tap'
import { UsageError } from '../../src/commands/command.ts'
import type { CommandName } from '../../src/commands/console/manual.ts'
import { COMMANDS } from '../../src/commands/index.ts'
import { ownUdpPort } from '../../src/commands/running/ports.ts'
import { SettingsError } from '../../src/config/index.ts'
import { complaintAboutNode } from '../../src/version.ts'
import { listening } from '../support/listening.ts'
import { unusedPort } from '../support/unused-port.ts'
import { call, run, start } from './support.ts'

t.jobs = 2

const LINE = /^thermo2mqtt: [^\n]+\n$/

t.test('help and version', async (t) => {
  const [help, version] = await Promise.all([run(t, ['--help']), run(t, ['demo', '--version'])])
  t.match(help, { code: 0, stdout: /^Usage: thermo2mqtt/, stderr: '' })
  t.match(version, { code: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' })
})

t.test('a Node.js that is too old is told, with where the right one is', async (t) => {
  const { engines } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  const [, oldest = ''] = /^>=(.+)$/.exec(engines.node) ?? []
  t.equal(complaintAboutNode(`${oldest}.0`), undefined)
  t.equal(complaintAboutNode('24.0.0'), undefined)
  for (const old of ['20.20.2', '22.11.9'])
    t.match(complaintAboutNode(old), /or newer is needed.*node_modules\/\.bin\/node/)
})

const MISTAKES: Readonly<Record<string, readonly [args: string[], env: Record<string, string>, message: RegExp]>> = {
  'no such command': [['strat'], {}, /there is no command "strat"/],
  'a setting that is none': [
    ['run', '--mqtt.urls=x'],
    {},
    /mqtt\.urls: unknown setting, from flag.*did you mean mqtt\.url\?/,
  ],
  'a configuration file that is not there': [['run'], { T2M_CONFIG: 'no.yaml' }, /no\.yaml: can't be read/],
  'a key file that holds none': [
    ['run'],
    { T2M_STORE_KEY_FILE: '/dev/null' },
    /store\.key_file .*contains no master key/,
  ],
  'a key file that can not be made, of a command': [
    ['user', 'list'],
    { T2M_STORE_KEY_FILE: '/dev/null/key' },
    /store\.key_file .*can’t be created/,
  ],
  'a certificate that is none': [['run'], { T2M_MQTT_URL: 'mqtts://127.0.0.1', T2M_MQTT_CA: '/dev/null' }, /mqtt\.ca/],
}

for (const [what, [args, env, message]] of Object.entries(MISTAKES)) {
  t.test(`2: ${what}`, async (t) => {
    const { code, stdout, stderr } = await run(t, args, { env })
    t.equal(code, 2)
    t.equal(stdout, '')
    t.match(stderr, LINE)
    t.match(stderr, message)
  })
}

t.test('2: the same from the commands themselves', async (t) => {
  const refused = async (name: CommandName, given: Parameters<typeof call>[0]) => (await COMMANDS[name]())(call(given))
  await t.rejects(refused('discover', { flags: { 'api.port': 'high' } }), SettingsError)
  await t.rejects(refused('discover', { options: { seconds: '0' } }), UsageError)
  await t.rejects(refused('config', { env: { T2M_MQTT_ULR: 'x' } }), { message: /did you mean T2M_MQTT_URL/ })
  await t.rejects(refused('demo', { options: { thermostats: 'many' } }), { message: /from 1 to 1000, not "many"/ })
  await t.rejects(refused('simulate', { flags: { 'api.port': '1' } }), { message: /^--api\.port is not for simulate/ })
  await t.rejects(refused('login', {}), { name: 'SettingsError', message: /there is no account to sign in to/ })
})

t.test('2: doctor says it as a finding', async (t) => {
  const given = call({ flags: { 'api.port': 'high' } })
  t.equal(await (await COMMANDS.doctor())(given), 2)
  t.match(given.terminal.text, /\[fail\] api\.port: "high" is not a port/)
})

t.test('1: what the machine refuses is one line', async (t) => {
  const port = String(await listening(t, createServer()))
  const env = { T2M_LOG_LEVEL: 'silent', T2M_API_ADMIN_PASSWORD: 'long enough', T2M_DISCOVERY_ENABLED: 'false' }
  const broker = { T2M_MQTT_EMBEDDED_HOST: '192.0.2.1', T2M_MQTT_EMBEDDED_USERNAME: 'me' }
  const [api, host, store] = await Promise.all([
    run(t, ['run', `--api.port=${port}`, '--mqtt.embedded.port=0'], { env }),
    run(t, ['run', '--api.port=0'], { env: { ...env, ...broker, T2M_MQTT_EMBEDDED_PASSWORD: 'hunter2-broker' } }),
    run(t, ['run', '--data_dir=/dev/null/data'], { env }),
  ])
  for (const { code, stdout, stderr } of [api, host, store]) {
    t.equal(code, 1, stderr)
    t.match(stderr, LINE)
    t.equal(stdout, '')
  }
  t.match(api.stderr, port)
  t.match(host.stderr, /mqtt\.embedded\.host/)
  t.match(store.stderr, /data folder \/dev\/null\/data/)
})

t.test('a restart that is asked for stops and starts the bridge, and the process goes on', async (t) => {
  const port = await unusedPort()
  const env = { T2M_LOG_FORMAT: 'json', T2M_API_ADMIN_PASSWORD: 'long enough', T2M_DISCOVERY_ENABLED: 'false' }
  const bridge = start(t, ['run', '--api.port=0', `--mqtt.embedded.port=${port}`], { env })
  await bridge.shows(/thermo2mqtt is running/)
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
  await client.publishAsync('thermo2mqtt/bridge/request/restart', '{}', { qos: 1 })
  await client.endAsync(true)
  await bridge.shows(/"reason":"a restart was requested".*restarting.*thermo2mqtt is running/s)
  t.equal(bridge.child.exitCode, null)
  bridge.child.kill('SIGTERM')
  t.equal((await bridge.ended).code, 0)
})

t.test('config shows no secret', async (t) => {
  const cwd = t.testdir({
    'config.yaml':
      'mqtt: {password: hunter2-mqtt}\ncloud: {accounts: [{provider: terneo, username: me, password: hunter2-cloud}]}\ndevices: [{serial: ABC12345, totp_key: hunter2-01234567}]\n',
    secret: 'hunter2-file\n',
  })
  const env = { T2M_CONFIG: 'config.yaml', T2M_API_ADMIN_PASSWORD_FILE: 'secret', T2M_MQTT_URL: 'mqtt://b' }
  const { code, stdout, stderr } = await run(t, ['config', '--log.level=debug'], { env, cwd })
  t.equal(code, 0)
  t.notMatch(stdout + stderr, /hunter2/)
  t.match(stdout, /^mqtt\.password = \*{8} {2}\(configuration file .*config\.yaml\)$/m)
  t.match(stdout, /^cloud\.accounts\[0\]\.password = \*{8}/m)
  t.match(stdout, /^devices\[0\]\.totp_key = \*{8}/m)
  t.match(stdout, /^api\.admin_password = \*{8}/m)
  t.match(stdout, /^mqtt\.url = mqtt:\/\/b {2}\(environment variable T2M_MQTT_URL\)$/m)
  t.match(stdout, /^log\.level = debug {2}\(flag --log\.level\)$/m)
  t.match(stderr, /^Configuration file: .*config\.yaml\n$/)
})

t.test('config --schema is a JSON Schema', async (t) => {
  const { code, stdout, stderr } = await run(t, ['config', '--schema'])
  t.equal(code, 0)
  t.equal(stderr, '')
  const schema = JSON.parse(stdout)
  t.match(schema, { properties: { mqtt: {}, cloud: {} } })
})

t.test('config tells what is hardly meant', async (t) => {
  const { code, stderr } = await run(t, ['config', '--native_mqtt.enabled=true'])
  t.equal(code, 0)
  t.match(stderr, /^No configuration file\.\nWarning: native_mqtt\.enabled/)
})

t.test('a reader that goes away does no harm', async (t) => {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, 'config'], { cwd: t.testdir(), stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  child.stdout.destroy()
  const code = await new Promise((resolve) => child.once('close', resolve))
  t.equal(code, 0)
  t.notMatch(stderr, /EPIPE/)
})

t.test('run serves until a signal, also when that comes twice', async (t) => {
  const env = {
    T2M_DATA_DIR: `${t.testdir()}/data`,
    T2M_API_PORT: String(await unusedPort()),
    T2M_MQTT_EMBEDDED_PORT: String(await unusedPort()),
    T2M_DISCOVERY_HOST: '127.0.0.1',
    T2M_DISCOVERY_PORT: String(await ownUdpPort('127.0.0.1', 0)),
  }
  const bridge = start(t, ['run'], { env })
  await bridge.shows(/Created the user admin\. Password, shown only this once: /)
  await bridge.shows(/"msg":"thermo2mqtt is running"/)
  bridge.child.kill('SIGUSR1')
  const visit = call({ env })
  t.equal(await (await COMMANDS.doctor())(visit), 0)
  t.match(visit.terminal.text, /\[ok\] {3}embedded: the running bridge serves 127\.0\.0\.1/)
  t.match(visit.terminal.text, /\[ok\] {3}the running bridge serves 127\.0\.0\.1/)
  t.match(visit.terminal.text, /\[ok\] {3}beacons can be received/)
  bridge.child.kill('SIGHUP')
  bridge.child.kill('SIGHUP')
  const { code, stdout, stderr } = await bridge.ended
  t.equal(code, 0)
  t.equal(stderr, '', 'no inspector was opened')
  t.match(stdout, /"reason":"SIGHUP","msg":"stopping"/)
})
