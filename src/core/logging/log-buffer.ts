import { randomUUID } from 'node:crypto'

const MOST_LINES = 1_000
/** Letters of all lines together: few lines of a flood are long, but nobody promises that. */
const MOST_LETTERS = 500_000
const MOST_PROBLEMS = 100
/** Longer lines are cut off; the stack of an error fits. */
const LONGEST_LINE = 4_000
/** How many lines go into a diagnostics file. */
const OF_DIAGNOSTICS = 300

export interface KeptLine {
  /** Counts all lines of this log, from 1. */
  readonly seq: number
  /** JSON, as the logger wrote it; cut off where it was too long. */
  readonly text: string
}

/** The last lines of the log, for finding out what happened; secrets are masked before they arrive here. */
export class LogBuffer {
  /** Which log the numbers of lines are of: they begin again when the program is started anew. */
  readonly id = randomUUID()
  readonly #recent: KeptLine[] = []
  readonly #problems: KeptLine[] = []
  #letters = 0
  #last = 0

  /** @param line JSON, as the logger writes it */
  push(line: string): void {
    const kept = { seq: ++this.#last, text: line.trimEnd().slice(0, LONGEST_LINE) }
    this.#recent.push(kept)
    this.#letters += kept.text.length
    while (this.#recent.length > MOST_LINES || this.#letters > MOST_LETTERS) {
      this.#letters -= this.#recent.shift()?.text.length ?? 0
    }
    if (!/^\{"level":"(warn|error|fatal)"/.test(kept.text)) return
    this.#problems.push(kept)
    if (this.#problems.length > MOST_PROBLEMS) this.#problems.shift()
  }

  /** The number of the newest line; 0 before the first. */
  get last(): number {
    return this.#last
  }

  /** Kept lines with a greater number, the newest last: of the older ones only those of level warn and above. */
  after(seq: number): readonly KeptLine[] {
    const oldest = this.#recent[0]?.seq ?? 0
    const older = this.#problems.filter((line) => line.seq < oldest)
    return [...older, ...this.#recent].filter((line) => line.seq > seq)
  }

  /** For a diagnostics file, the newest last. */
  get recent(): readonly string[] {
    return this.#recent.slice(-OF_DIAGNOSTICS).map(({ text }) => text)
  }

  /** Lines of level warn and above, which reach back further. */
  get problems(): readonly string[] {
    return this.#problems.map(({ text }) => text)
  }
}
