/** The programs that the checks run: started, watched and stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { linesOf } from '../support/lines.ts'

/** Resolves with what `look` gives once that is neither undefined nor false. @param within seconds */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  within = 60,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + within * 1_000
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>
    if (performance.now() > end) throw new Error(`in ${within} s it did not come to this: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** One program. What it says is kept line by line. */
export class Program {
  readonly name: string
  readonly lines: string[] = []
  readonly #command: readonly [string, ...string[]]
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | undefined

  constructor(name: string, command: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}) {
    this.name = name
    this.#command = command
    this.#env = env
  }

  start(): void {
    const [file, ...args] = this.#command
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...this.#env } })
    linesOf(child, (lines) => this.lines.push(...lines))
    child.on('error', (error) => this.lines.push(String(error)))
    this.#child = child
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** @throws with its last lines when it has ended by itself */
  check(): void {
    if (!this.running) throw new Error(`${this.name} has ended:\n${this.lines.slice(-20).join('\n')}`)
  }

  /** Ends it, by force after a while. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child || !this.running) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), 60_000)
    await ended
    clearTimeout(force)
  }
}
