/**
 * The faults: `npm run faults`, or `npm run faults -- killed beacons` for some of them; `--long` tries ten times as much.
 * Prints a table and what was lost, and ends with 1 when anything was. The README of this folder says more.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/simulator/index.ts'
import { commit, machine } from '../bench/figures.ts'
import { MAIN } from './bridge-process.ts'
import type { Fault, Outcome } from './fault.ts'
import { FAULTS } from './faults.ts'
import { Rig } from './rig.ts'
import { report, type Tried, table } from './table.ts'

const README = fileURLToPath(new URL('README.md', import.meta.url))

/** ms after which a fault counts as lost, since nothing here may hang. */
const LIMIT = 180_000

function chosen(ids: readonly string[]): readonly Fault[] {
  const unknown = ids.find((id) => !FAULTS.some((fault) => fault.id === id))
  if (unknown !== undefined)
    throw new RangeError(`no fault ${unknown}; there are ${FAULTS.map(({ id }) => id).join(', ')}`)
  return ids.length === 0 ? FAULTS : FAULTS.filter(({ id }) => ids.includes(id))
}

async function attempt(fault: Fault, times: number, seed: number): Promise<Outcome> {
  const rig = await Rig.open()
  try {
    return await within(LIMIT * times, fault.run(rig, { times, random: seededRandom(seed) }))
  } catch (error) {
    return { tried: 1, lost: [error instanceof Error ? error.message : String(error)] }
  } finally {
    await rig.close()
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`it was not over after ${ms / 1000} s`)), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { long: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } },
  })
  if (!existsSync(MAIN)) throw new Error('the bridge is not built: npm run build')
  const started = performance.now()
  const all: Tried[] = []
  for (const fault of chosen(positionals)) {
    if (fault.skip !== undefined) {
      all.push({ fault, skipped: fault.skip })
      continue
    }
    process.stderr.write(`${fault.id} …\n`)
    const began = performance.now()
    const outcome = await attempt(fault, values.long ? 10 : 1, Number(values.seed))
    for (const sentence of outcome.lost.slice(0, 10)) process.stderr.write(`  lost: ${sentence}\n`)
    all.push({ fault, outcome, seconds: Math.round((performance.now() - began) / 1000) })
  }
  const seconds = Math.round((performance.now() - started) / 1000)
  const head = `${new Date().toISOString().slice(0, 10)}, ${commit()}, ${machine()}, ${seconds} s`
  const text = `${head}\n\n${table(all)}\n`
  process.stdout.write(`${text}${report(all)}`)
  if (positionals.length === 0) keep(text)
  return all.every(({ outcome }) => outcome === undefined || outcome.lost.length === 0)
}

/** The table of a whole run takes the place of the last one in the README. */
function keep(text: string): void {
  const readme = readFileSync(README, 'utf8')
  writeFileSync(
    README,
    readme.replace(/(?<=^## Last run\n\n)[\s\S]*$/m, () => text),
  )
}

process.exit((await main()) ? 0 : 1)
