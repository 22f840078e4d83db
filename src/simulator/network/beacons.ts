import { createSocket, type Socket } from 'node:dgram'
import type { Clock, Timer } from '../../core/clock.ts'

/** Where beacons go: a function, or an address to which they are sent by UDP. */
export type BeaconTarget = ((datagram: string) => void) | { readonly host: string; readonly port: number }

export interface BeaconsOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly target: BeaconTarget
  /** ms, on average */
  readonly interval: number
  /** The address that the datagrams come from. */
  readonly source: () => string
  /** The datagram; undefined while the unit keeps silent. */
  readonly datagram: () => string | undefined
  readonly onError: (error: Error) => void
}

/** Sends one unit's beacons until stopped: one at once, then each half to one and a half intervals later. */
export class Beacons {
  readonly #options: BeaconsOptions
  #socket: Socket | undefined
  #source: string | undefined
  #timer: Timer | undefined
  #stopped = false

  constructor(options: BeaconsOptions) {
    this.#options = options
    this.#send()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#socket?.close()
    this.#socket = undefined
  }

  #send(): void {
    const { clock, random, interval, target } = this.#options
    const datagram = this.#options.datagram()
    if (datagram !== undefined && typeof target === 'function') target(datagram)
    if (datagram !== undefined && typeof target === 'object') {
      this.#from(this.#options.source()).send(datagram, target.port, target.host, (error) => {
        if (error && !this.#stopped) this.#options.onError(error)
      })
    }
    this.#timer = clock.timer(interval * (0.5 + random()), () => this.#send())
  }

  /** A socket on the address that the unit has now. */
  #from(source: string): Socket {
    if (this.#socket && this.#source === source) return this.#socket
    this.#socket?.close()
    const socket = createSocket('udp4')
    socket.on('error', this.#options.onError)
    socket.bind(0, source)
    // A virtual house keeps nobody's process running by its beacons alone.
    socket.unref()
    this.#socket = socket
    this.#source = source
    return socket
  }
}
