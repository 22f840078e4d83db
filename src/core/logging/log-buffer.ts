const MOST_LINES = 300
const MOST_PROBLEMS = 100
/** Longer lines are cut off; the stack of an error fits. */
const LONGEST_LINE = 4_000

/** The last lines of the log, for finding out what happened; secrets are masked before they arrive here. */
export class LogBuffer {
  readonly #recent: string[] = []
  readonly #problems: string[] = []

  /** @param line JSON, as the logger writes it */
  push(line: string): void {
    const kept = line.trimEnd().slice(0, LONGEST_LINE)
    keep(this.#recent, kept, MOST_LINES)
    if (/^\{"level":"(warn|error|fatal)"/.test(kept)) keep(this.#problems, kept, MOST_PROBLEMS)
  }

  /** The newest last. */
  get recent(): readonly string[] {
    return [...this.#recent]
  }

  /** Lines of level warn and above, which reach back further. */
  get problems(): readonly string[] {
    return [...this.#problems]
  }
}

function keep(lines: string[], line: string, most: number): void {
  lines.push(line)
  if (lines.length > most) lines.shift()
}
