import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { CommandInput } from '../../src/commands/command.ts'
import type { Terminal } from '../../src/commands/console/terminal.ts'
import { type HouseOptions, type HouseThermostat, VirtualHouse } from '../../src/simulator/index.ts'
import { FastClock } from '../support/fast-clock.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

// Commands that run in this process must not find the settings of whoever works here: config/local.yaml.
const nowhere = mkdtempSync(join(tmpdir(), 'thermo2mqtt-test-'))
process.chdir(nowhere)
process.once('exit', () => {
  process.chdir('/')
  rmSync(nowhere, { recursive: true, force: true })
})

/** A terminal whose answers are prepared; undefined stands for the end of the input. */
export class FakeTerminal implements Terminal {
  readonly outs: string[] = []
  readonly errs: string[] = []
  readonly asked: { readonly question: string; readonly hidden: boolean }[] = []
  readonly #answers: (string | undefined)[]

  constructor(answers: readonly (string | undefined)[] = []) {
    this.#answers = [...answers]
  }

  /** Everything on standard output. */
  get text(): string {
    return this.outs.join('\n')
  }

  out(line: string): void {
    this.outs.push(line)
  }

  err(line: string): void {
    this.errs.push(line)
  }

  async ask(question: string, hidden = false): Promise<string | undefined> {
    this.asked.push({ question, hidden })
    return this.#answers.shift()
  }
}

export interface Call extends CommandInput {
  readonly terminal: FakeTerminal
  readonly signals: EventEmitter
}

/** What a command is given, in this process. */
export function call(given: Partial<CommandInput> & { readonly answers?: readonly (string | undefined)[] }): Call {
  const { answers, ...rest } = given
  return {
    words: [],
    options: {},
    flags: {},
    env: {},
    clock: new FastClock(1, Date.now()),
    devicePort: 80,
    ...rest,
    signals: new EventEmitter(),
    terminal: new FakeTerminal(answers),
  }
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Standard output so far. */
  stdout(): string
  /** Resolves when standard output matches. */
  shows(pattern: RegExp): Promise<RegExpExecArray>
}

/** A folder of its own, however many a test needs. */
export function temporaryFolder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'thermo2mqtt-test-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** The program as people start it, with nothing in its environment but what is given. */
export function start(
  t: Test,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>
    readonly cwd?: string
    readonly input?: string
    /** The file that is started, in place of the one that is not built. */
    readonly main?: string
  } = {},
): Running {
  const child = spawn(process.execPath, [options.main ?? MAIN, ...args], {
    cwd: options.cwd ?? temporaryFolder(t),
    env: { PATH: process.env.PATH, ...options.env },
    stdio: 'pipe',
  })
  const text = { stdout: '', stderr: '' }
  const changed = new EventEmitter()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
      changed.emit('text')
    })
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, ...text })
      changed.emit('text')
    })
  })
  child.stdin.end(options.input ?? '')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const shows = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(text.stdout)
        if (match) resolve(match)
        else if (child.exitCode !== null) reject(new Error(`ended without ${pattern}:\n${text.stdout}\n${text.stderr}`))
        else return
        changed.off('text', look)
      }
      changed.on('text', look)
      look()
    })
  return { child, ended, stdout: () => text.stdout, shows }
}

export function run(
  t: Test,
  ...rest: [args: readonly string[], options?: Parameters<typeof start>[2]]
): Promise<Ended> {
  return start(t, ...rest).ended
}

/** A house whose thermostats may be asked as fast as one likes, closed with the test. */
export async function openHouse(
  t: Test,
  options: Partial<HouseOptions> & { readonly thermostats: readonly HouseThermostat[] },
) {
  const thermostats = options.thermostats.map((wanted) => ({ ...wanted, quirks: { minSpacing: 0, ...wanted.quirks } }))
  const house = new VirtualHouse({ clock: new FastClock(1, Date.now()), ...options, thermostats })
  const description = await house.start()
  t.teardown(() => house.stop())
  return { house, description }
}

/** Settings of a bridge that waits for nobody either. */
export const QUICK = { T2M_DEVICE_MIN_SPACING: '0', T2M_DEVICE_TIMEOUT: '1s' }
