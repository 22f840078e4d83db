/** Calls between the processes of the benchmark, over the channel that Node opens to a forked process. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { isObject, type JsonObject } from '../../src/core/json.ts'

/** What a process does on request. Answers are plain objects; what a handler throws reaches the caller. */
export type Handlers = Readonly<Record<string, (argument: JsonObject) => Promise<JsonObject> | JsonObject>>

/** Answers calls until the process at the other end goes away. */
export function serve(handlers: Handlers): void {
  process.on('disconnect', () => process.exit(0))
  process.on('message', async (message) => {
    if (!isObject(message)) return
    const { id, name, argument } = message
    try {
      const handler = typeof name === 'string' ? handlers[name] : undefined
      if (!handler || !isObject(argument)) throw new Error(`no handler ${name}`)
      process.send?.({ id, reply: await handler(argument) })
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) })
    }
  })
}

/** Tells the process that forked this one, unasked. */
export function tell(note: JsonObject): void {
  process.send?.({ note })
}

interface Call {
  readonly resolve: (reply: JsonObject) => void
  readonly reject: (error: Error) => void
}

/** Another process of the benchmark, seen from the one that started it. */
export class Peer {
  readonly process: ChildProcess
  readonly #calls = new Map<number, Call>()
  readonly #listeners = new Set<(note: JsonObject) => void>()
  #last = 0

  constructor(child: ChildProcess) {
    this.process = child
    child.on('message', (message) => this.#take(message))
    child.on('exit', (code, signal) => {
      const error = new Error(`${child.spawnargs.join(' ')} ended with ${signal ?? code}`)
      for (const call of this.#calls.values()) call.reject(error)
      this.#calls.clear()
    })
  }

  /** Starts a file of this folder. */
  static fork(file: string): Peer {
    return new Peer(fork(new URL(file, import.meta.url)))
  }

  /** Starts Node with these arguments; `probe.mjs` must be among what it loads, unless it is left `alone` and only stopped. */
  static spawn(args: readonly string[], options: { readonly cwd: string; readonly alone?: boolean }): Peer {
    return new Peer(
      spawn(process.execPath, [...args], {
        cwd: options.cwd,
        // The setting of nobody's shell is to change what is measured.
        env: { PATH: process.env.PATH, HOME: process.env.HOME },
        stdio: ['ignore', 'ignore', 'inherit', ...(options.alone ? [] : (['ipc'] as const))],
      }),
    )
  }

  call(name: string, argument: JsonObject = {}): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      const id = ++this.#last
      this.#calls.set(id, { resolve, reject })
      this.process.send({ id, name, argument }, (error) => {
        if (error) reject(error)
      })
    })
  }

  /** Resolves with the next note that it tells of its own accord. */
  note(): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#listeners.delete(listener)
        reject(new Error(`${this.process.spawnargs.at(-1)} had nothing to tell for 10 s`))
      }, 10_000)
      const listener = (note: JsonObject) => {
        clearTimeout(late)
        this.#listeners.delete(listener)
        resolve(note)
      }
      this.#listeners.add(listener)
    })
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const ended = once(this.process, 'exit')
    this.process.kill('SIGTERM')
    await ended
  }

  #take(message: unknown): void {
    if (!isObject(message)) return
    if (isObject(message.note)) {
      for (const listener of this.#listeners) listener(message.note)
      return
    }
    if (typeof message.id !== 'number') return
    const call = this.#calls.get(message.id)
    this.#calls.delete(message.id)
    if (isObject(message.reply)) call?.resolve(message.reply)
    else call?.reject(new Error(String(message.error)))
  }
}

/** A number of an answer. @throws TypeError when there is none */
export function numberIn(reply: JsonObject, name: string): number {
  const value = reply[name]
  if (typeof value !== 'number') throw new TypeError(`${name} is no number`)
  return value
}

/** A text of an answer. @throws TypeError when there is none */
export function textIn(reply: JsonObject, name: string): string {
  const value = reply[name]
  if (typeof value !== 'string') throw new TypeError(`${name} is no text`)
  return value
}

/** ms of the machine's monotonic clock, which all processes share. */
export const instant = (): number => Number(process.hrtime.bigint()) / 1e6
