/** How a dead broker is noticed. */
import type { IConnackPacket } from 'mqtt'
import type { Clock, Timer } from '../../core/clock.ts'

/**
 * Pings keep the connection and find out that it is dead after one and a half of this, in seconds: 15 s after the broker was
 * last heard of.
 */
export const KEEP_ALIVE = 10

/** A broker may ask for fewer pings (MQTT 5). More of them are allowed, and one that is dead has to be noticed. */
export function keepOwnPace({ properties }: IConnackPacket): void {
  if (properties?.serverKeepAlive) properties.serverKeepAlive = Math.min(properties.serverKeepAlive, KEEP_ALIVE)
}

/** The intervals in which mqtt.js looks after the connection, by the clock of the bridge. */
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
