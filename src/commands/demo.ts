import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AppAddresses, createApp } from '../app.ts'
import { loadSettings, type Settings } from '../config/index.ts'
import { SystemClock } from '../core/clock.ts'
import { type HouseDescription, VirtualHouse } from '../simulator/index.ts'
import { readVersion } from '../version.ts'
import { countOption } from './arguments.ts'
import type { CommandInput } from './index.ts'
import { openLog, untilSignal } from './process.ts'

const PASSWORD = 'thermo2mqtt-demo'
const BEACON_PORT = 23500
/** All virtual thermostats listen here, each on a loopback address of its own, as real ones do on port 80. */
const DEVICE_PORT = 8023

/** Terneo and Welrok have a list of devices of their own. */
const NO_LIST = { path: null, items: null, serial: null, key: null, name: null, next: null }

/** What the demo sets unless the environment or a flag says otherwise. */
const DEFAULTS = {
  T2M_API_ADMIN_PASSWORD: PASSWORD,
  T2M_DISCOVERY_HOST: '127.0.0.1',
  T2M_DISCOVERY_PORT: String(BEACON_PORT),
  T2M_DEVICE_POLL_INTERVAL: '5s',
  T2M_DEVICE_MIN_SPACING: '250ms',
}

/** A simulated house and a bridge for it: everything of the real thing but the hardware. */
export async function demo({ options, flags, env, signals }: CommandInput): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'thermo2mqtt-demo-'))
  const clock = new SystemClock()
  const house = new VirtualHouse({
    clock,
    seed: countOption(options, 'seed', 1, 2 ** 31),
    thermostats: countOption(options, 'thermostats', 5, 1000),
    port: DEVICE_PORT,
    beaconPort: BEACON_PORT,
    beaconInterval: 2_000,
  })
  try {
    const loaded = await loadSettings({ flags: { data_dir: dataDir, ...flags }, env: { ...DEFAULTS, ...env } })
    const { logger, secrets } = await openLog(loaded)
    const ended = untilSignal(signals)
    const description = await house.start()
    const app = createApp({
      settings: await furnish(loaded.settings, description),
      version: readVersion(),
      clock,
      random: Math.random,
      logger,
      secrets,
      restart: () => logger.warn('the demo does not restart itself; stop it and start it again'),
      announce: (line) => void process.stdout.write(`${line}\n`),
      devicePort: DEVICE_PORT,
    })
    const addresses = await app.start()
    process.stdout.write(guide(addresses, description, loaded.settings))
    await ended
    await app.stop()
    return 0
  } finally {
    await house.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** The settings with the accounts of the house, and with ports that are free. */
async function furnish(settings: Settings, house: HouseDescription): Promise<Settings> {
  const { embedded } = settings.mqtt
  return {
    ...settings,
    cloud: {
      ...settings.cloud,
      accounts: house.clouds.map(({ provider, url, email, password }) => ({
        id: provider,
        provider,
        url,
        username: email,
        password,
        totp_secret: null,
        allow_insecure: true,
        devices: NO_LIST,
      })),
    },
    mqtt: { ...settings.mqtt, embedded: { ...embedded, port: await freePort(embedded.host, embedded.port) } },
    api: { ...settings.api, port: await freePort(settings.api.host, settings.api.port) },
  }
}

/** `port` if nobody has it, else any free one: a demo should not fail because a real broker runs. */
function freePort(host: string, port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen(port, host, () => probe.close(() => resolve(port)))
  })
}

function guide({ api, broker }: AppAddresses, house: HouseDescription, settings: Settings): string {
  const first = house.thermostats[0]
  const rest = `http://${api.host === '0.0.0.0' ? '127.0.0.1' : api.host}:${api.port}`
  const mqtt = broker ? `-h ${broker.host} -p ${broker.port}` : ''
  const { base_topic: base } = settings.mqtt
  return `
A simulated house with ${house.thermostats.length} thermostats; every command to them is signed with a key from their cloud.

  REST      ${rest}/docs   any user name, password ${settings.api.admin_password === PASSWORD ? PASSWORD : 'as set'}
  MQTT      ${broker ? `mqtt://${broker.host}:${broker.port}` : settings.mqtt.url.join(', ')}   topics under ${base}/
  Watch     mosquitto_sub ${mqtt} -v -t '${base}/#'
  Command   mosquitto_pub ${mqtt} -t '${base}/${first?.serial}/set' -m '{"mode":"heat","target_temperature":24}'

Home Assistant finds all of it by itself when its MQTT integration uses this broker. Ctrl+C ends the demo.

`
}
