/** The built bridge as people run it: a process of its own, with a folder that outlives it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isObject, type JsonObject, parseJson } from '../../src/core/json.ts'
import { type SignedIn, signIn } from '../support/api.ts'
import { eventually } from '../support/e2e.ts'
import { linesOf } from '../support/lines.ts'

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
export const ADMIN = 'only-for-the-faults-1f9'

const LINES = 400

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Answer {
  readonly status: number
  readonly body: JsonObject
}

export interface BridgePlan {
  readonly folder: string
  readonly apiPort: number
  readonly settings: JsonObject
  /** What is put before `node`, such as `prlimit --as=…`. */
  readonly under?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
}

export class BridgeProcess {
  readonly folder: string
  readonly url: string
  /** The last lines that it wrote. */
  readonly lines: string[] = []
  readonly #plan: BridgePlan
  #child: ChildProcess | undefined
  #signedIn: SignedIn | undefined

  constructor(plan: BridgePlan) {
    this.#plan = plan
    this.folder = plan.folder
    this.url = `http://127.0.0.1:${plan.apiPort}`
    mkdirSync(plan.folder, { recursive: true })
    writeFileSync(join(plan.folder, 'config.yaml'), JSON.stringify(plan.settings))
  }

  get running(): boolean {
    const child = this.#child
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Starts it; resolves when it answers. @throws when it ends instead, with its last lines */
  async start(): Promise<this> {
    this.launch()
    await eventually(
      'the bridge answers',
      async () => {
        if (!this.running) throw new Error(`the bridge ended at its start:\n${this.lines.slice(-20).join('\n')}`)
        return (await this.health()) === 200
      },
      30_000,
    )
    return this
  }

  /** Starts it and waits for nothing. */
  launch(): void {
    const { under = [], env = {}, nodeArgs = [] } = this.#plan
    const [command = process.execPath, ...rest] = [...under, process.execPath, ...nodeArgs, MAIN, 'run']
    const child = spawn(command, [...rest, `--data_dir=${this.folder}`], {
      cwd: this.folder,
      // Faults are done for hours, and nobody elsewhere is to notice.
      env: { PATH: process.env.PATH, HOME: this.folder, T2M_UPDATES_CHECK: 'false', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#signedIn = undefined
    linesOf(child, (lines) => {
      this.lines.push(...lines)
      if (this.lines.length > LINES) this.lines.splice(0, this.lines.length - LINES)
    })
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<Ended> {
    const child = this.#child
    if (child && this.running) await once(child, 'exit')
    return { code: child?.exitCode ?? null, signal: child?.signalCode ?? null }
  }

  /** kill -9, as a crash or a power cut of the machine would be to the process. */
  async kill(): Promise<void> {
    if (!this.running) return
    this.#child?.kill('SIGKILL')
    await this.ended()
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  async stop(): Promise<void> {
    if (!this.running) return
    this.#child?.kill('SIGTERM')
    await this.ended()
  }

  /** The status of `/healthz`; undefined when nothing answers within `within` ms. */
  async health(within = 5_000): Promise<number | undefined> {
    try {
      const response = await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(within) })
      await response.arrayBuffer()
      return response.status
    } catch {
      return undefined
    }
  }

  /** As admin. */
  async rest(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
    const authorization = token === undefined ? await this.#authorization() : `Bearer ${token}`
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const parsed = parseJson(await response.text())
    return { status: response.status, body: isObject(parsed) ? parsed : {} }
  }

  async device(serial: string): Promise<JsonObject> {
    return (await this.rest('GET', `/api/v1/devices/${serial}`)).body
  }

  async online(...serials: readonly string[]): Promise<void> {
    await eventually(
      `${serials.length} devices are online`,
      async () => {
        const { body } = await this.rest('GET', '/api/v1/devices')
        const list: readonly unknown[] = Array.isArray(body.devices) ? body.devices : []
        const there = new Set(list.filter(isObject).flatMap((view) => (view.online === true ? [view.serial] : [])))
        return serials.every((serial) => there.has(serial))
      },
      30_000,
    )
  }

  /** Resident memory in MiB. */
  get rss(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
  }

  /** Lines of its log that hold `text`. */
  logged(text: string): readonly string[] {
    return this.lines.filter((line) => line.includes(text))
  }

  async #authorization(): Promise<string> {
    this.#signedIn ??= await signIn(this.url, ADMIN)
    return this.#signedIn.authorization
  }
}
