import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { type Clock, sleep } from '../../core/clock.ts'
import { parseBeacon } from '../../protocol/beacon.ts'

/** More different ones than a device sends while it is recorded. */
const MOST = 8

/** The beacons of one host, as they came. They come a few times a minute. */
export class BeaconsFrom {
  /** Why none can be heard. */
  problem: string | undefined
  /** The texts with their serials, each different one once. */
  readonly #heard = new Map<string, string>()
  readonly #hosts: ReadonlySet<string>
  readonly #socket: Socket
  #first = () => {}
  readonly #heardOne: Promise<void>

  private constructor(hosts: readonly string[]) {
    this.#hosts = new Set(hosts)
    this.#heardOne = new Promise((resolve) => {
      this.#first = resolve
    })
    this.#socket = createSocket({ type: 'udp4', reuseAddr: true })
    this.#socket.on('message', (datagram, { address }) => {
      if (this.#hosts.has(address)) this.#take(datagram)
    })
  }

  /** Listens from now on. If that is impossible, `problem` says why. */
  static async listen(from: string, at: { readonly host: string; readonly port: number }): Promise<BeaconsFrom> {
    // A name that nobody knows is reported by the connection.
    const found = await lookup(from, { all: true, family: 4 }).catch(() => [])
    const beacons = new BeaconsFrom(found.map(({ address }) => address))
    await beacons.#bind(at)
    return beacons
  }

  /** The texts of those with this serial; without one, of those with the first serial that was heard. */
  of(serial: string | undefined): { readonly serial: string | undefined; readonly texts: readonly string[] } {
    const wanted = serial ?? this.#heard.values().next().value
    return { serial: wanted, texts: [...this.#heard].flatMap(([text, own]) => (own === wanted ? [text] : [])) }
  }

  /** Waits for the first one, for `ms` at most. */
  async first(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    if (this.problem !== undefined || this.#heard.size > 0) return
    const enough = new AbortController()
    const waited = sleep(clock, ms, AbortSignal.any([signal, enough.signal]))
    await Promise.race([waited, this.#heardOne])
    enough.abort()
  }

  close(): void {
    this.#socket.close()
  }

  #bind({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.on('error', (error) => {
        this.problem = `Broadcasts can't be heard on UDP ${host}:${port} (${error.message}).`
        this.#first()
        resolve()
      })
      this.#socket.bind(port, host, () => resolve())
    })
  }

  #take(datagram: Buffer): void {
    const beacon = parseBeacon(datagram)
    if (typeof beacon === 'string' || this.#heard.size >= MOST) return
    this.#heard.set(datagram.toString('utf8'), beacon.serial)
    this.#first()
  }
}
