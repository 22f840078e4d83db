/**
 * The benchmark: `npm run bench`, or `npm run bench -- a d` for some of its parts. Prints a table; the README of this folder
 * says what the parts measure.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beacons } from './beacons.ts'
import { Bench, MAIN, type Part } from './bench.ts'
import { startBroker } from './broker.ts'
import { cold } from './cold.ts'
import { crowd } from './crowd.ts'
import { commit, type Figure, load, machine, table } from './figures.ts'
import { history } from './history.ts'
import { idle } from './idle.ts'
import { latency } from './latency.ts'
import { polls } from './polls.ts'
import { scale } from './scale.ts'
import { startup } from './startup.ts'

const PARTS: Readonly<Record<string, Part>> = {
  a: latency,
  b: polls,
  c: scale,
  d: beacons,
  e: startup,
  f: history,
  g: crowd,
  h: cold,
  i: idle,
}

function chosen(names: readonly string[]): readonly (readonly [string, Part])[] {
  const unknown = names.find((name) => !(name in PARTS))
  if (unknown !== undefined) throw new RangeError(`no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}`)
  return Object.entries(PARTS).filter(([name]) => names.length === 0 || names.includes(name))
}

/** In processes of its own, so that no part finds the floors warmed up by another. */
async function run(part: Part): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'thermo2mqtt-bench-'))
  const bench = new Bench({ broker: await startBroker(folder), folder })
  try {
    return await part(bench)
  } finally {
    await bench.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function main(): Promise<void> {
  const parts = chosen(process.argv.slice(2))
  if (!existsSync(MAIN)) throw new Error('the bridge is not built: npm run build')
  const started = performance.now()
  const figures: Figure[] = []
  const loads: string[] = []
  for (const [name, part] of parts) {
    loads.push(`${name} ${load()}`)
    process.stderr.write(`measuring ${name} …\n`)
    figures.push(...(await run(part)))
  }
  const seconds = Math.round((performance.now() - started) / 1000)
  process.stdout.write(`${new Date().toISOString().slice(0, 10)}, ${commit()}, ${machine()}\n`)
  process.stdout.write(`load average before each part: ${loads.join(', ')}, at the end ${load()}; ${seconds} s\n\n`)
  process.stdout.write(`${table(figures)}\n`)
}

await main()
process.exit()
