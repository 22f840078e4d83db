/**
 * What V8 takes for speed and what it keeps. A start makes much that is gone a second later: cleaning up after it all the time costs
 * a third of its CPU time, and machine code for what runs once is 2 MB for nothing. After the start little is made, and what is
 * kept counts.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Clock, Timer } from '../../core/clock.ts'

/** Milliseconds between two looks whether the start is over. */
const LOOK_EVERY = 3_000
/** Share of a core that a bridge takes at most once it has started. */
const QUIET = 0.3
/** Milliseconds after which a start is over, however busy the machine is. */
const LONGEST = 60_000
/**
 * Bytes of a heap whose collection takes a tenth of a second or so, once. What is larger V8 first collects by itself, in steps; but
 * that frees memory for V8 only, which would keep it from the system for ever.
 */
const LARGE = 160 * 1024 * 1024

/** What the process has, of which tests have another. */
export interface Machine {
  /** CPU milliseconds of the process until now. */
  cpu(): number
  /** Bytes of the heap in use. */
  heap(): number
  flag(flag: string): void
  collect(): Promise<void>
}

const PROCESS: Machine = {
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
  heap: () => process.memoryUsage().heapUsed,
  flag: setFlagsFromString,
  collect: async () => {
    setFlagsFromString('--expose-gc')
    const collect: unknown = runInNewContext('gc')
    if (typeof collect === 'function') await collect({ type: 'major', execution: 'async', flavor: 'last-resort' })
  },
}

const COMPILERS = ['maglev', 'turbofan'] as const

/** To be called before anything of the bridge is loaded. */
export function startLean({ flag }: Pick<Machine, 'flag'> = PROCESS): void {
  for (const compiler of COMPILERS) flag(`--no-${compiler}`)
}

/** To be called after the start; waits until all that follows it is done. @returns what ends the waiting */
export function settle(clock: Clock, machine: Machine = PROCESS): Timer {
  const began = clock.monotonic()
  let timer: Timer
  const shrink = () => {
    if (machine.heap() < LARGE) void machine.collect()
    else timer = clock.timer(LOOK_EVERY, shrink)
  }
  const look = (from: number): Timer => {
    const before = machine.cpu()
    return clock.timer(LOOK_EVERY, () => {
      const now = clock.monotonic()
      const busy = (machine.cpu() - before) / (now - from) > QUIET
      if (busy && now - began < LONGEST) timer = look(now)
      else {
        keepSmall(machine)
        shrink()
      }
    })
  }
  timer = look(began)
  return { cancel: () => timer.cancel() }
}

function keepSmall({ flag }: Machine): void {
  for (const compiler of COMPILERS) flag(`--${compiler}`)
  // Old objects are collected after growing by a fifth, not only after doubling.
  flag('--heap-growing-percent=20')
}
