/**
 * Work on a database in a process of its own, which waits for the disk while the bridge goes on. A thread would do as well, but
 * leaves some 10 MB behind in the bridge for good, and what a process takes goes with it.
 */
import { fork } from 'node:child_process'
import { isObject } from '../../core/json.ts'
import { reason } from './files.ts'

export interface Apart {
  /** Rejects with the error, whose `code` is that of the system or of SQLite; also if it was ended. */
  readonly done: Promise<void>
  /** Ends it at once; never rejects. */
  end(): Promise<void>
}

/** Runs a file of the store, which calls `work`. */
export function runApart(name: 'copies/copier' | 'database/checkpointer', paths: readonly string[]): Apart {
  // Built, it is JavaScript.
  const end = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const
  const child = fork(new URL(`../${name}.${end}`, import.meta.url), paths, { execArgv: [], stdio: [...stdio] })
  let said: unknown
  child.on('message', (message) => {
    said = message
  })
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    // After everything that it has said.
    child.once('close', (code, signal) => (code === 0 ? resolve() : reject(failure(said, signal ?? code))))
  })
  const ended = done.catch(() => undefined)
  return {
    done,
    end: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** In that process: works on the paths that it was given, and tells the bridge what fails. */
export async function work(job: (...paths: string[]) => Promise<void> | void): Promise<void> {
  // A service manager or a terminal signals all processes at once. The bridge ends its own, and none outlives it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel?.unref()
  try {
    await job(...process.argv.slice(2))
  } catch (error) {
    process.exitCode = 1
    process.send?.({ code: reason(error), message: error instanceof Error ? error.message : String(error) })
  }
}

function failure(said: unknown, how: string | number | null): Error {
  if (!isObject(said) || typeof said.message !== 'string') return new Error(`its process ended with ${how}`)
  return Object.assign(new Error(said.message), { code: said.code })
}
