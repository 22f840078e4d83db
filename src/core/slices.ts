/** Long work in short slices, so that requests are answered meanwhile. */
import type { Clock } from './clock.ts'

/** The longest time to block the event loop, in milliseconds. */
const LONGEST = 10

/**
 * For loops that emit results on the way. Loops that share one take turns: each continues in its own turn of the event
 * loop.
 */
export class Slice {
  readonly #clock: Pick<Clock, 'monotonic'>
  #began: number
  #last: Promise<void> = Promise.resolve()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
    this.#began = clock.monotonic()
  }

  /** Whether it is time to await `next`. */
  get isOver(): boolean {
    return this.#clock.monotonic() - this.#began >= LONGEST
  }

  async next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)))
    await this.#last
    this.#began = this.#clock.monotonic()
  }
}

/**
 * Does `work` with each item. Longer work continues in the next turn of the event loop; short work is done when this
 * returns. An error from `work` ends it.
 */
export async function inSlices<Item>(
  clock: Pick<Clock, 'monotonic'>,
  items: Iterable<Item>,
  work: (item: Item) => void,
): Promise<void> {
  const slice = new Slice(clock)
  for (const item of items) {
    work(item)
    if (slice.isOver) await slice.next()
  }
}

/** Jobs due at the same time, such as timers set together: each runs at once unless many ran before it. */
export class Slices {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #waiting: (() => void)[] = []
  /** When the first job of this turn began; undefined before. */
  #began: number | undefined

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  run(job: () => void): void {
    if (this.#began === undefined) {
      this.#began = this.#clock.monotonic()
      setImmediate(() => this.#next())
    }
    if (this.#waiting.length > 0 || this.#clock.monotonic() - this.#began >= LONGEST) this.#waiting.push(job)
    else job()
  }

  #next(): void {
    this.#began = undefined
    const jobs = this.#waiting.splice(0)
    for (const job of jobs) this.run(job)
  }
}

/** The items in portions of this size. */
export function* portions<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size)
}
