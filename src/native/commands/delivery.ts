import { type Clock, sleep } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Published } from '../../devices/reading/second-source.ts'
import { outcomeUnknown } from './errors.ts'

/** Something published to a device that should show in its later messages. */
export interface Awaited {
  /** Settles when all of it shows. */
  readonly done: Promise<void>
  readonly shows: boolean
  /** Whether the device has reported all values that were to change, even if unchanged. */
  readonly told: boolean
  /** Forgets reports that do not show the change: they may be older. */
  doubt(): void
  /** The device published something. */
  hear(message: Published): void
}

/**
 * Pauses in ms between publishing a command and each query of its result. Devices publish 3 to 5 s after a command (Welrok,
 * "MQTT"): reports before the last pause may be older, reports during it are the result.
 */
const LOOKS = [1_500, 1_500, 7_000]

export interface DeliveryOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly publish: () => void
  /** Asks the device and processes its answer. */
  readonly ask: () => Promise<void>
}

/**
 * Publishes, and waits until all of it shows or it is known that it does not.
 * @throws BridgeError `OUTCOME_UNKNOWN` if nothing is heard, or the bridge stops
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

/** Waits, then asks; ends when everything shows. Returns why the device could not be asked. */
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
