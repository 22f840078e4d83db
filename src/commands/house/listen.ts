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
  /** Where it was confirmed to be; undefined while nobody there has said so. */
  address: Address | undefined
  /** As it says itself; null when it does not. */
  lock: Lock | null
  /** Why something of it is not known. */
  problem: string | undefined
}

export interface ListenOptions {
  readonly tools: Tools
  /** Milliseconds. */
  readonly duration: number
  readonly devicePort: number
  /** Ends it before its time. */
  readonly signal: AbortSignal
}

/** More serials than any house has; whoever sends more sends rubbish. */
const MOST = 256
/** How many of those that could not be confirmed are asked why; the others would say the same. */
const MOST_ASKED = 16
/** Milliseconds for answers that are under way when the time is over. */
const LAST_ANSWERS = 6_000

/** Nothing is written, so nothing is signed. */
const NO_KEYS: Keys = { get: () => undefined, refresh: async () => false }

/**
 * Listens for beacons, and asks each device that was confirmed once for its lock.
 * @throws BridgeError `INTERNAL` when it can't listen there
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
    // It is only read.
    clearance: settled(false),
    onCounterBase: () => undefined,
  })
  try {
    await device.readTelemetry()
    if (device.lock === null) await device.readParameters()
    entry.lock = device.lock
    if (device.lock === null) entry.problem = 'does not tell its lock'
  } catch (error) {
    entry.problem = asBridgeError(error).message
  } finally {
    await device.stop()
  }
}

/** Asks once more who is there, to be able to say what is wrong. */
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
