import { Worker } from 'node:worker_threads'

export interface Thread {
  /** Rejects with the error, also if it was ended. */
  readonly done: Promise<void>
  end(): Promise<void>
}

/** Runs a file of the store as a thread, with the given data. */
export function runThread(name: 'copies/copier' | 'database/checkpointer', workerData: unknown): Thread {
  // Built, it is JavaScript.
  const end = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`../${name}.${end}`, import.meta.url), { workerData })
  const done = new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('it was ended'))))
  })
  return { done, end: async () => void (await worker.terminate()) }
}
