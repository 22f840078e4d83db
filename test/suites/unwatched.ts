/**
 * tap has each program that a test starts load tap's own modules, follow what it loads, and write all that to the disk, which
 * takes longer than most of these programs do. That is needed only to measure what is covered. Without it they keep what Node made
 * of the sources, as the test files do.
 *
 * To be imported before anything that changes the folder of the process.
 */
import { resolve } from 'node:path'

/** Of the package process-on-spawn, through which tap changes what a program is started with. */
const STARTING = Symbol.for('process-on-spawn@*:singletonId')

const { NODE_COMPILE_CACHE, _TAPJS_PROCESSINFO_COVERAGE_: covered } = process.env
const starting: unknown = Reflect.get(globalThis, STARTING)

if (covered === '0' && NODE_COMPILE_CACHE !== undefined && typeof starting === 'object' && starting !== null) {
  const cache = { NODE_COMPILE_CACHE: resolve(NODE_COMPILE_CACHE) }
  const keeping = (options: { env: NodeJS.ProcessEnv }) => {
    options.env = { ...options.env, ...cache }
  }
  Object.assign(starting, { listeners: [keeping] })
  delete process.env.NODE_OPTIONS
  process.execArgv.length = 0
  // Types are stripped in place, so every line is where it was.
  process.setSourceMapsEnabled(false)
}
