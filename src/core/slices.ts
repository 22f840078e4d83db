/** Long work in short pieces, so that whoever asks meanwhile is answered. */
import type { Clock } from './clock.ts'

/** Milliseconds for which the event loop is held up at a stretch. */
const LONGEST = 10

/** For loops that hand something out on the way. Those that share one run in turn: each goes on in a turn of its own. */
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
 * Does `work` with each item. What takes longer than a moment goes on in the next turn of the event loop; less is done when
 * this returns. What `work` throws ends it.
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

/** Jobs that fall due together, such as timers that were set in one moment: each runs at once unless many have before it. */
export class Slices {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #waiting: (() => void)[] = []
  /** When the first job of this turn began; undefined before it. */
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

/** The items, so many at a time. */
export function* portions<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size)
}
