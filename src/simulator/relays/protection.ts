/** Numbers of the parameters that control protection. */
const ID = { upper: 1, lower: 5, delay: 9, lowTime: 13, repeats: 19, hysteresis: 20, repeatProtection: 117 } as const

/** Seconds within which a voltage that leaves its limits again counts as a repetition. */
const REPETITION = 60

export interface Situation {
  /** V as measured. */
  readonly voltage: number
  readonly off: boolean
  readonly overheated: boolean
}

/** Decides when a voltage relay is closed: within the limits, after the delay, and not after too many openings in a row. */
export class Protection {
  readonly #get: (id: number) => number
  /** How often the voltage has opened the relay since power came on. */
  trips = 0
  high = false
  low = false
  /** The relay opened too often in a row, and stays open until somebody switches it off and on. */
  locked = false
  #lowSince: number | undefined
  /** Since when the voltage has been within its limits; the relay closes after its delay. */
  #wellSince: number | undefined
  #closed: boolean
  #closedAt: number
  #inARow = 0

  /** @param options.since seconds of the device's clock from which the relay is closed, as one that has run for long */
  constructor(options: { get: (id: number) => number; since: number }) {
    this.#get = options.get
    this.#closed = true
    this.#closedAt = options.since
    this.#wellSince = options.since
  }

  /** Restarts as after a power cut: the relay is open until the delay is over. */
  restart(now: number): void {
    this.#closed = false
    this.#wellSince = now
    this.#inARow = 0
    this.locked = false
  }

  /** Seconds until the relay closes. */
  waiting = (now: number): number => {
    if (this.#closed || this.#wellSince === undefined) return 0
    return Math.max(this.#get(ID.delay) - (now - this.#wellSince), 0)
  }

  /** Whether the relay is closed at `now`. */
  settle(now: number, { voltage, off, overheated }: Situation): boolean {
    this.#judge(now, voltage)
    if (off) {
      this.locked = false
      this.#inARow = 0
    }
    if (off || overheated || this.high || this.low || this.locked) {
      if (this.#closed && (this.high || this.low) && !off) this.#trip(now)
      this.#closed = false
      this.#wellSince = undefined
      return false
    }
    this.#wellSince ??= now
    if (!this.#closed && this.waiting(now) === 0) {
      this.#closed = true
      this.#closedAt = now
    }
    return this.#closed
  }

  #judge(now: number, voltage: number): void {
    const back = this.#get(ID.hysteresis)
    const upper = this.#get(ID.upper)
    const lower = this.#get(ID.lower)
    this.high = voltage > (this.high ? upper - back : upper)
    const under = voltage < (this.low ? lower + back : lower)
    this.#lowSince = under ? (this.#lowSince ?? now) : undefined
    this.low = this.#lowSince !== undefined && (this.low || now - this.#lowSince >= this.#get(ID.lowTime))
  }

  #trip(now: number): void {
    this.trips++
    this.#inARow = now - this.#closedAt < REPETITION ? this.#inARow + 1 : 1
    if (this.#get(ID.repeatProtection) === 1 && this.#inARow > this.#get(ID.repeats)) this.locked = true
  }
}
