/** `thermo2mqtt demo`: a simulated house with a bridge. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Passwords } from '../../api/auth/credentials/passwords.ts'
import { hashOf } from '../../api/auth/credentials/tokens.ts'
import { SCOPES } from '../../api/auth/ports.ts'
import { loadWith } from '../../app/settings/kept.ts'
import type { AppAddresses, AppOptions } from '../../app.ts'
import { baseTopic, type LoadedSettings, type LoadOptions, loadSettings, type Settings } from '../../config/index.ts'
import { readFromDisk } from '../../config/loading/files.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import { VIRTUAL_HOUSE } from '../../core/network/addresses.ts'
import { type HouseDescription, VirtualHouse } from '../../simulator/index.ts'
import { openStore } from '../../store/store.ts'
import { openHistory } from '../../store/tables/history.ts'
import type { CommandInput } from '../command.ts'
import { countOption } from '../command.ts'
import { live } from '../running/life.ts'
import { freePort, listens, ownUdpPort } from '../running/ports.ts'
import { openLog, stopWithin, untilSignal } from '../running/process.ts'
import { DEMO_FOLDER } from '../running/whereabouts.ts'
import { livePast, PastClock } from './past.ts'
import { relaysOf } from './simulate.ts'

const PASSWORD = 'thermo2mqtt-demo'
/** Users besides admin, with the same password, to see what each role sees. */
const USERS = [
  ['family', 'control'],
  ['guest', 'look'],
] as const
/** The name of an API token, so that the printed command of the guide works. */
const TOKEN = 't2m_demo-only-everybody-knows-this-token-000000'
const TOKEN_LIFE = 7 * 24 * 3_600_000

/** All virtual thermostats listen on this port, each on its own loopback address, as real ones do on port 80. */
const DEVICE_PORT: number = VIRTUAL_HOUSE.port
const FIRST_DEVICE = '127.23.1.1'

/** Milliseconds; real devices send beacons less often. */
const BEACON_INTERVAL = 2_000

/** Milliseconds within which a device at any other address would have been heard. */
const QUIET = 3 * BEACON_INTERVAL

/** The name of the house in the settings, where it replaces a configuration file. */
const HOUSE_FILE = 'the-simulated-house'

/** The demo's settings unless the environment or a flag says otherwise. */
const DEFAULTS = {
  T2M_API_ADMIN_PASSWORD: PASSWORD,
  T2M_DISCOVERY_HOST: '127.0.0.1',
  T2M_DEVICE_POLL_INTERVAL: '5s',
  T2M_DEVICE_MIN_SPACING: '250ms',
  T2M_ENERGY_PRICE: '4.32',
  T2M_ENERGY_NIGHT_PRICE: '2.16',
}

/**
 * A simulated house with its bridge: everything but the hardware.
 * @param app only tests set it
 */
export async function demo(input: CommandInput, app: Pick<AppOptions, 'page'> = {}): Promise<number> {
  const { options, signals } = input
  const size = {
    seed: countOption(options, 'seed', 1, 2 ** 31),
    thermostats: countOption(options, 'thermostats', 7, 1000),
    relays: relaysOf(options),
  }
  // Closing the window would otherwise leave the temporary folder behind.
  const ended = untilSignal(signals)
  const own = input.flags.data_dir === undefined ? await temporaryFolder() : undefined
  try {
    const loaded = await loadSettings(sources(input, own))
    const { host, port } = loaded.settings.discovery
    await open(input, loaded, {
      ...size,
      port: await ownDevicePort(),
      beaconPort: await ownUdpPort(host, port),
      ended,
      folder: own,
      app,
    })
    return 0
  } finally {
    if (own !== undefined) await rm(own, { recursive: true, force: true })
  }
}

/**
 * The configuration file belongs to a real bridge with real devices, so the demo does not read it.
 * @param house the accounts and devices of the house, used in place of the file
 */
function sources(
  { flags, env }: CommandInput,
  own: string | undefined,
  house: JsonObject = {},
): Omit<LoadOptions, 'page'> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value && name !== 'T2M_CONFIG' && !name.startsWith('T2M_CLOUD_')),
  )
  const password = given.T2M_API_ADMIN_PASSWORD_FILE ? {} : { T2M_API_ADMIN_PASSWORD: PASSWORD }
  return {
    flags: { ...(own === undefined ? {} : { data_dir: own }), ...flags },
    env: { ...DEFAULTS, ...password, ...given, T2M_CONFIG: `/${HOUSE_FILE}` },
    readFile: (path, limit) =>
      basename(path) === HOUSE_FILE ? Buffer.from(JSON.stringify(house)) : readFromDisk(path, limit),
  }
}

interface Place {
  readonly seed: number
  readonly thermostats: number
  readonly relays: number
  /** The port of every thermostat that has its own address. */
  readonly port: number
  readonly beaconPort: number
  readonly ended: Promise<string>
  /** The data folder, if the demo made it and removes it at the end. */
  readonly folder: string | undefined
  readonly app: Pick<AppOptions, 'page'>
}

/** Starts the house and the bridge, and stops both when `ended` resolves. */
async function open(input: CommandInput, loaded: LoadedSettings, place: Place): Promise<void> {
  const { terminal, clock } = input
  const { seed, thermostats, relays, port, beaconPort, ended, folder, app } = place
  const { logger, secrets } = await openLog(loaded)
  const houseClock = new PastClock(clock)
  if (folder === undefined) houseClock.behind = 0
  const house = new VirtualHouse({ clock: houseClock, seed, thermostats, relays, port })
  try {
    if (folder !== undefined) await fillStore(loaded.settings, house, houseClock, { clock, logger, secrets })
    const description = await house.start()
    const options = sources(input, folder, fileOf(description, port))
    const ports = await freePorts(loaded.settings)
    let opened = false
    await live({
      clock,
      terminal,
      devicePort: port,
      ended,
      app: { ...app, quiet: QUIET },
      load: async (kept) => furnished(await loadWith(clock, options, kept), ports, beaconPort),
      onStarted: (addresses) => {
        if (opened) return
        opened = true
        // Not before the bridge listens: it finds the devices from their first beacons.
        for (const unit of house.units) unit.startBeacons({ host: '127.0.0.1', port: beaconPort }, BEACON_INTERVAL)
        terminal.out(guide(addresses, description, loaded.settings, folder !== undefined))
      },
    })
  } finally {
    await stopWithin(clock, () => house.stop())
  }
}

/** Whether the password may be shown: nobody has set their own. */
const isOpen = ({ api }: Settings): boolean => api.admin_password === PASSWORD

interface StoreParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: SecretValues
}

/** What the bridge would have stored if it had run before: the week of the house, and what the guide names. */
async function fillStore(
  settings: Settings,
  house: VirtualHouse,
  houseClock: PastClock,
  parts: StoreParts,
): Promise<void> {
  const { clock } = parts
  const store = openStore({ dataDir: settings.data_dir, ...parts })
  const history = openHistory({ dataDir: settings.data_dir, ...parts })
  store.energy.save(...livePast(house, houseClock, history))
  history.close()
  if (isOpen(settings)) {
    const expires = clock.now() + TOKEN_LIFE
    const hash = await new Passwords().hash(PASSWORD)
    for (const [name, role] of USERS) store.users.add(name, hash, false, role)
    store.apiTokens.add({ id: 'demo', name: 'demo', scopes: SCOPES, createdBy: 'demo', expires }, hashOf(TOKEN))
  }
  store.close()
}

async function temporaryFolder(): Promise<string> {
  const prefix = join(tmpdir(), DEMO_FOLDER)
  try {
    return await mkdtemp(prefix)
  } catch (cause) {
    throw new BridgeError(
      'INTERNAL',
      `The demo can't make a folder for its data, ${prefix}…: choose another place with TMPDIR, or a folder with --data_dir=…`,
      { cause },
    )
  }
}

/** Another demo may be running. If the machine has no such addresses, the house puts its thermostats elsewhere. */
async function ownDevicePort(): Promise<number> {
  for (let port = DEVICE_PORT; port < DEVICE_PORT + 50; port++) {
    if (await listens(FIRST_DEVICE, port)) return port
  }
  return DEVICE_PORT
}

/** The accounts and devices of the house, as in a configuration file. */
function fileOf(house: HouseDescription, devicePort: number): JsonObject {
  const accounts = house.clouds.map(({ provider, url, email, password }) => ({
    provider,
    url,
    username: email,
    password,
    allow_insecure: true,
  }))
  // Beacons reveal an address but no port: a device on another port than the rest must be named.
  const devices = [...house.thermostats, ...house.relays]
    .filter(({ port }) => port !== devicePort)
    .map(({ serial, host, port }) => ({ serial, host, port }))
  return { cloud: { accounts }, devices }
}

interface Ports {
  readonly asked: { readonly api: number; readonly embedded: number }
  readonly free: { readonly api: number; readonly embedded: number }
}

/** The ports in the settings, or any free ones if those are taken. */
async function freePorts({ api, mqtt: { embedded } }: Settings): Promise<Ports> {
  const asked = { api: api.port, embedded: embedded.port }
  const free = { api: await freePort(api.host, api.port), embedded: await freePort(embedded.host, embedded.port) }
  return { asked, free }
}

/** With ports that are free; a port set on the page since then is used as it is. */
function furnished(loaded: LoadedSettings, { asked, free }: Ports, beaconPort: number): LoadedSettings {
  const { api, mqtt, discovery } = loaded.settings
  const port = mqtt.embedded.port === asked.embedded ? free.embedded : mqtt.embedded.port
  const settings = {
    ...loaded.settings,
    discovery: { ...discovery, port: beaconPort },
    mqtt: { ...mqtt, embedded: { ...mqtt.embedded, port } },
    api: { ...api, port: free.api },
  }
  return { ...loaded, settings }
}

function sizeOf({ thermostats, relays }: HouseDescription): string {
  const relaysToo = relays.length > 0 ? ` and ${relays.length} relays` : ''
  return `${thermostats.length} thermostats${relaysToo}`
}

/** The options with which Mosquitto's tools reach this broker; whoever set a user knows its password. */
function addressOf(url: string | undefined): string {
  const { hostname, port, protocol } = new URL(url ?? 'mqtt://127.0.0.1')
  return `-h ${hostname} -p ${port || (protocol === 'mqtts:' ? 8883 : 1883)}`
}

/** @param filled whether the data folder is the demo's own, with what `fillStore` puts there; nothing is put into another */
function guide({ api, broker }: AppAddresses, house: HouseDescription, settings: Settings, filled: boolean): string {
  const serial = house.thermostats[0]?.serial
  const rest = api.url
  const mqtt = broker ? `-h ${broker.host} -p ${broker.port}` : addressOf(settings.mqtt.url[0])
  const base = baseTopic(settings)
  const password = isOpen(settings) ? PASSWORD : '<the password you set>'
  const known = filled && isOpen(settings)
  const token = known ? TOKEN : '<an API token>'
  const others = known ? '\n            or family, who controls devices, or guest, who looks: the same password' : ''
  const past = filled
    ? "The previous week in the page's graphs is simulated too."
    : `The page's graphs show what is recorded in ${settings.data_dir}, which stays when the demo ends.`
  return `
A simulated house with ${sizeOf(house)}; every command to the thermostats is signed with a key from their cloud.

  Page      ${rest}/   user admin, password ${password}${others}
  REST      ${rest}/docs   the same user
  MQTT      ${broker ? `mqtt://${broker.host}:${broker.port}` : settings.mqtt.url.join(', ')}   topics under ${base}/
  Watch     mosquitto_sub ${mqtt} -v -t '${base}/#'
  Command   mosquitto_pub ${mqtt} -t '${base}/${serial}/set' -m '{"mode":"heat","target_temperature":24}'
  or        curl -X PATCH -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\
              -d '{"target_temperature":25}' ${rest}/api/v1/devices/${serial}/state

${past}

Home Assistant finds everything by itself if its MQTT integration uses this broker. Ctrl+C ends the demo.
`
}
