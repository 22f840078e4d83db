import { type Clock, sleep } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Published } from '../../devices/reading/second-source.ts'
import { outcomeUnknown } from './errors.ts'

/** Something that was published to a device, and is to show in what it says afterwards. */
export interface Awaited {
  /** Settled when all of it shows. */
  readonly done: Promise<void>
  readonly shows: boolean
  /** Whether the device has said something of all that was to change, if only that it has not. */
  readonly told: boolean
  /** Forgets what was said of that which does not show: it may be from before. */
  doubt(): void
  /** The device published something. */
  hear(message: Published): void
}

/**
 * Pauses in ms between publishing a command and each question what came of it. Devices publish 3 to 5 s after a command
 * (Welrok, "MQTT"): what they say before the last pause may be what they held before, what they say in it is the outcome.
 */
const LOOKS = [1_500, 1_500, 7_000]

export interface DeliveryOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly publish: () => void
  /** Has what the device answers taken in. */
  readonly ask: () => Promise<void>
}

/**
 * Publishes, and looks until all of it shows or it is known that it does not.
 * @throws BridgeError `OUTCOME_UNKNOWN` when nothing of it is heard, or the bridge stops
 */
export async function deliver(awaited: Awaited, options: DeliveryOptions): Promise<void> {
  options.publish()
  let last: BridgeError | undefined
  for (const pause of LOOKS) {
    awaited.doubt()
    last = await look(pause, awaited, options)
    if (awaited.shows) return
    if (options.signal.aborted) throw outcomeUnknown(undefined)
  }
  if (last && !awaited.told) throw outcomeUnknown(last)
}

/** Waits, then asks; both end when all shows. Returns why the device could not be asked. */
async function look(
  pause: number,
  awaited: Awaited,
  { clock, signal, ask }: DeliveryOptions,
): Promise<BridgeError | undefined> {
  const over = new AbortController()
  await Promise.race([awaited.done, sleep(clock, pause, AbortSignal.any([over.signal, signal]))])
  over.abort()
  if (awaited.shows || signal.aborted) return undefined
  const asked = ask().then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof BridgeError) return error
      throw error
    },
  )
  return Promise.race([asked, awaited.done.then(() => undefined)])
}
