/**
 * The real thing: the newest Home Assistant, the bridge and a simulated house, checked by what Home Assistant shows and logs.
 * `npm run homeassistant`, or with `-- --broker mosquitto`; the README of this folder says more.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Check, World } from './check.ts'
import { commandChecks } from './commands.ts'
import { allOnChecks, entityChecks } from './entities.ts'
import { extraChecks, lastChecks } from './extras.ts'
import { Home } from './home.ts'
import { type BrokerKind, House } from './house.ts'
import { pageChecks } from './page.ts'
import { restartChecks } from './restarts.ts'

const SETUP = fileURLToPath(new URL('setup.sh', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../docker/homeassistant/', import.meta.url))
const { values: options } = parseArgs({
  options: {
    broker: { type: 'string', default: 'embedded' },
    cache: { type: 'string' },
    protocol: { type: 'string', default: '5' },
    only: { type: 'string' },
    picture: { type: 'string' },
    /** Of the second run of this program, which has the network for itself. */
    inside: { type: 'boolean', default: false },
  },
})

const cache =
  options.cache ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'thermo2mqtt', 'homeassistant')

/** Home Assistant wants to speak to all in the network (mDNS), too. */
const NETWORK = 'ip link set lo up && ip route add 224.0.0.0/4 dev lo && exec "$@"'

/**
 * Sets Home Assistant up with the network that there is, and runs the checks in a network of their own, in which there is nothing
 * but this machine: whatever they and Home Assistant do, no packet leaves it.
 */
function setUp(): number {
  mkdirSync(cache, { recursive: true })
  process.stderr.write(`Home Assistant is set up in ${cache}; the first time takes minutes.\n`)
  const { status } = spawnSync('sh', [SETUP, cache], { stdio: ['ignore', 2, 2] })
  if (status !== 0) return status ?? 2
  const alone = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--map-root-user']), '--net', 'sh', '-c']
  const [file = '', ...args] = [...alone, NETWORK, '-', ...process.argv, '--inside']
  return spawnSync(file, args, { stdio: 'inherit' }).status ?? 1
}

/** Files of the examples, by where they stand in Home Assistant's folder. */
function examples(): Record<string, string> {
  const read = (path: string) => readFileSync(join(EXAMPLES, path), 'utf8')
  const blueprints = 'blueprints/automation/thermo2mqtt'
  return {
    'dashboard.yaml': read('dashboard.yaml'),
    'packages/thermo2mqtt_energy.yaml': read('packages/thermo2mqtt_energy.yaml'),
    ...Object.fromEntries(
      readdirSync(join(EXAMPLES, blueprints)).map((name) => [`${blueprints}/${name}`, read(`${blueprints}/${name}`)]),
    ),
  }
}

/** Each blueprint, used. */
const AUTOMATIONS = `
- id: checks_notify
  alias: checks notify
  use_blueprint:
    path: thermo2mqtt/notify.yaml
    input: { events: [event.bathroom_event] }
- id: checks_window
  alias: checks window
  use_blueprint:
    path: thermo2mqtt/window.yaml
    input: { windows: [binary_sensor.kitchen_window_open], thermostats: [climate.kitchen] }
- id: checks_presence
  alias: checks presence
  use_blueprint:
    path: thermo2mqtt/presence.yaml
    input: { persons: [person.owner], thermostats: [climate.hall] }
- id: checks_cheap_tariff
  alias: checks cheap tariff
  use_blueprint:
    path: thermo2mqtt/cheap_tariff.yaml
    input: { cheap: schedule.cheap, thermostats: [climate.hall] }
`

type Row = readonly [name: string, tried: string, right: boolean, result: string]

async function checked(world: World, { name, tried, run }: Check): Promise<Row> {
  process.stderr.write(`${name} … `)
  const row: Row = await run(world).then(
    (result) => [name, tried, true, result],
    (error: unknown) => [name, tried, false, error instanceof Error ? error.message : String(error)],
  )
  process.stderr.write(`${row[2] ? 'ok' : `NOT OK: ${row[3]}`}\n`)
  return row
}

async function main(): Promise<number> {
  const broker: BrokerKind = options.broker === 'mosquitto' ? 'mosquitto' : 'embedded'
  const home = new Home({
    cache,
    config: join(cache, `config-${broker}`),
    setup: SETUP,
    port: 8123,
    files: { 'automations.yaml': AUTOMATIONS, ...examples() },
  })
  const house = new House(broker, { api: 8580, broker: 1883 })
  const world: World = { home, house, picture: options.picture }
  const rows: Row[] = []
  try {
    await Promise.all([house.start(), home.start()])
    await home.onboard()
    await home.addMqtt(house.brokerPort, options.protocol)
    const checks = [
      ...entityChecks,
      ...pageChecks,
      ...allOnChecks,
      ...commandChecks,
      ...restartChecks,
      ...extraChecks,
      ...lastChecks,
    ].filter(({ name }) => !options.only || options.only.split(',').includes(name))
    for (const check of checks) rows.push(await checked(world, check))
  } finally {
    await home.stop()
    await house.stop()
    writeFileSync(join(home.config, 'home-assistant.log'), home.program.lines.join('\n'))
    writeFileSync(join(home.config, 'bridge.log'), house.bridge.lines.join('\n'))
    process.stderr.write(`The logs of both are in ${home.config}.\n`)
  }
  process.stdout.write(`\n| check | tried | result |\n|---|---|---|\n`)
  for (const [name, tried, right, result] of rows)
    process.stdout.write(`| ${name} | ${tried} | ${right ? '' : 'NOT OK: '}${result} |\n`)
  return rows.every(([, , right]) => right) ? 0 : 1
}

process.exitCode = options.inside ? await main() : setUp()
