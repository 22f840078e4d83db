import { Writable } from 'node:stream'

/** How a command talks to the person who started it. */
export interface Terminal {
  /** A line on standard output: results. */
  out(line: string): void
  /** A line on standard error: everything else. */
  err(line: string): void
  /**
   * Asks a question, without showing what is typed if `hidden`. Resolves with undefined if there is no answer: the
   * input has ended, or Ctrl+C was pressed.
   */
  ask(question: string, hidden?: boolean): Promise<string | undefined>
}

export interface Streams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
  readonly errors: NodeJS.WritableStream
}

/** The terminal of the process. Questions go to standard error, so that standard output contains only results. */
export class ProcessTerminal implements Terminal {
  readonly #streams: Streams
  #lines: AsyncIterator<string> | undefined

  constructor(streams: Streams) {
    this.#streams = streams
  }

  out(line: string): void {
    this.#streams.output.write(`${line}\n`)
  }

  err(line: string): void {
    this.#streams.errors.write(`${line}\n`)
  }

  async ask(question: string, hidden = false): Promise<string | undefined> {
    const { input, errors } = this.#streams
    const { createInterface } = await import('node:readline')
    if (input.isTTY) return typed(createInterface, this.#streams, question, hidden)
    errors.write(`${question}\n`)
    // One reader for all questions: lines of a pipe arrive before they are asked for.
    this.#lines ??= createInterface({ input })[Symbol.asyncIterator]()
    const { value, done } = await this.#lines.next()
    return done ? undefined : value
  }
}

function typed(
  createInterface: typeof import('node:readline').createInterface,
  { input, errors }: Streams,
  question: string,
  hidden: boolean,
): Promise<string | undefined> {
  errors.write(question)
  // The line editor echoes what is typed into this stream.
  const echo = new Writable({
    write: (chunk, _encoding, done) => {
      if (!hidden) errors.write(chunk)
      done()
    },
  })
  const reader = createInterface({ input, output: echo, terminal: true, historySize: 0 })
  return new Promise((resolve) => {
    let answer: string | undefined
    reader.once('line', (line) => {
      answer = line
      reader.close()
    })
    reader.once('SIGINT', () => reader.close())
    reader.once('close', () => {
      if (hidden || answer === undefined) errors.write('\n')
      resolve(answer)
    })
  })
}
