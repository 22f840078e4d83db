/** Detects a dead broker. */
import type { IConnackPacket } from 'mqtt'
import type { Clock, Timer } from '../../core/clock.ts'

/**
 * Pings keep the connection and find out that it is dead after one and a half of this, in seconds: 15 s after the broker was
 * last heard of.
 */
export const KEEP_ALIVE = 10

/** A broker may ask for fewer pings (MQTT 5). More are allowed, and a dead broker must be noticed. */
export function keepOwnPace({ properties }: IConnackPacket): void {
  if (properties?.serverKeepAlive) properties.serverKeepAlive = Math.min(properties.serverKeepAlive, KEEP_ALIVE)
}

/** Runs mqtt.js' keep-alive intervals on the bridge's clock. */
export function intervalsOf(clock: Clock) {
  const running = new Map<number, Timer>()
  let last = 0
  const again = (id: number, run: () => void, ms: number) => {
    running.set(
      id,
      clock.timer(ms, () => {
        again(id, run, ms)
        run()
      }),
    )
  }
  return {
    set: (run: () => void, ms: number): number => {
      again(++last, run, ms)
      return last
    },
    clear: (id: number): void => {
      running.get(id)?.cancel()
      running.delete(id)
    },
  }
}
