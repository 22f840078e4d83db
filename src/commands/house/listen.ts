import { sleep } from '../../core/clock.ts'
import { asBridgeError } from '../../core/errors.ts'
import { settled } from '../../lan/clearance.ts'
import { identify } from '../../lan/discovery/identify.ts'
import { Discovery } from '../../lan/discovery/index.ts'
import { whyUnconfirmed } from '../../lan/discovery/unconfirmed.ts'
import { Lines } from '../../lan/exchange/lines.ts'
import { LanDevice } from '../../lan/lan-device.ts'
import type { Address, Keys, Lock } from '../../lan/types.ts'
import type { Beacon } from '../../protocol/beacon.ts'
import type { Tools } from '../console/tools.ts'

export interface Heard {
  readonly host: string
  readonly beacon: Beacon
  /** Its confirmed address; undefined until the device there has confirmed it. */
  address: Address | undefined
  /** As the device reports it; null if it does not. */
  lock: Lock | null
  /** Why something about it is not known. */
  problem: string | undefined
}

export interface ListenOptions {
  readonly tools: Tools
  /** Milliseconds. */
  readonly duration: number
  readonly devicePort: number
  /** Ends listening early. */
  readonly signal: AbortSignal
}

/** More serials than any house has; any more are junk. */
const MOST = 256
/** How many unconfirmed devices are asked again for the reason; the others would give the same one. */
const MOST_ASKED = 16
/** Milliseconds to wait for answers still under way at the end. */
const LAST_ANSWERS = 6_000

/** Nothing is written, so nothing is signed. */
const NO_KEYS: Keys = { get: () => undefined, refresh: async () => false }

/**
 * Listens for beacons, and asks each confirmed device once for its lock.
 * @throws BridgeError `INTERNAL` if it can't listen there
 */
export async function listen({ tools, duration, devicePort, signal }: ListenOptions): Promise<Heard[]> {
  const { settings, clock, random, logger } = tools
  const { host, port } = settings.discovery
  const { timeout, min_spacing: minSpacing } = settings.device
  const heard = new Map<string, Heard>()
  const questions: Promise<void>[] = []
  const lines = new Lines(clock)
  const discovery = new Discovery({ host, port, devicePort, timeout, minSpacing, lines, clock, random, logger })
  discovery.on('heard', ({ host, beacon }) => {
    if (heard.size < MOST && !heard.has(beacon.serial)) {
      heard.set(beacon.serial, { host, beacon, address: undefined, lock: null, problem: undefined })
    }
  })
  discovery.on('found', ({ serial, address }) => {
    discovery.know(serial, address)
    const entry = heard.get(serial)
    if (!entry || entry.address) return
    entry.address = address
    questions.push(askLock(entry, address, lines, tools))
  })
  await discovery.start()
  await sleep(clock, duration, signal)
  const unconfirmed = [...heard.values()].filter(({ address }) => !address).slice(0, MOST_ASKED)
  for (const entry of unconfirmed) questions.push(askWho(entry, { host: entry.host, port: devicePort }, lines, tools))
  await Promise.race([Promise.all(questions), sleep(clock, LAST_ANSWERS)])
  await discovery.stop()
  return [...heard.values()].sort((a, b) => (a.beacon.serial < b.beacon.serial ? -1 : 1))
}

async function askLock(
  entry: Heard,
  address: Address,
  lines: Lines,
  { settings, clock, random, logger }: Tools,
): Promise<void> {
  const { timeout, min_spacing: minSpacing, keep_alive: keepAlive } = settings.device
  const device = new LanDevice({
    serial: entry.beacon.serial,
    address,
    clock,
    random,
    logger,
    keys: NO_KEYS,
    lines,
    timeout,
    minSpacing,
    keepAlive,
    counterBase: null,
    // The device is only read.
    clearance: settled(false),
    onCounterBase: () => undefined,
  })
  try {
    await device.readTelemetry()
    if (device.lock === null) await device.readParameters()
    entry.lock = device.lock
    if (device.lock === null) entry.problem = 'does not report its lock'
  } catch (error) {
    entry.problem = asBridgeError(error).message
  } finally {
    await device.stop()
  }
}

/** Asks the address once more which device is there, to find out what is wrong. */
async function askWho(entry: Heard, address: Address, lines: Lines, { settings, clock, random }: Tools): Promise<void> {
  const { timeout, min_spacing: minSpacing } = settings.device
  const claim = { serial: entry.beacon.serial, host: address.host }
  try {
    const found = await identify(address, { clock, random, timeout, minSpacing, lines })
    if (found.serial === claim.serial) entry.address = address
    else entry.problem = whyUnconfirmed(claim, found).message
  } catch (error) {
    entry.problem = whyUnconfirmed(claim, asBridgeError(error)).message
  }
}
