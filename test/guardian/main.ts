/**
 * Simulated winters for the guardian: `npm run guardian`. Prints a table, keeps it in the README of this folder, and ends with 1
 * if a goal is missed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FINDING_KINDS } from '../../src/devices/ports.ts'
import { commit } from '../bench/figures.ts'
import { FLOORS } from './floors.ts'
import { type Hunt, hunt, quiet, SEASON } from './seasons.ts'

const README = fileURLToPath(new URL('README.md', import.meta.url))
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1)
const GOAL = { found: 0.95, falseFindings: 1 }

const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
const share = (hunts: readonly Hunt[]) => hunts.filter(({ found }) => found).length / hunts.length
const percent = (value: number) => `${Math.floor(value * 1000) / 10} %`

/** The median as hours and minutes. */
function median(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b)
  const minutes = Math.round((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) / 60)
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
}

const rows: string[] = []
const all: Hunt[] = []
for (const floor of FLOORS) {
  for (const kind of FINDING_KINDS) {
    const hunts = SEEDS.map((seed) => hunt(floor, kind, seed))
    all.push(...hunts)
    const times = [median(hunts.map(({ delay }) => delay)), median(hunts.map(({ after }) => after))]
    rows.push(line([floor.name, `\`${kind}\``, hunts.length, percent(share(hunts)), ...times]))
  }
}
const winters = FLOORS.map((floor) => ({ floor, counts: SEEDS.map((seed) => quiet(floor, seed).length) }))
const most = Math.max(...winters.flatMap(({ counts }) => counts))
const found = share(all)
const text = [
  `${new Date().toISOString().slice(0, 10)}, ${commit()}: ${percent(found)} of ${all.length} faults found within three times the learned delay; at most ${most} false finding in any of ${SEEDS.length * FLOORS.length} winters.`,
  '',
  line(['floor', 'fault', 'tried', 'found in time', 'learned delay (median, h)', 'found after (median, h)']),
  '|---|---|---|---|---|---|',
  ...rows,
  '',
  line(['floor', `winters of ${SEASON} days without a fault`, 'false findings in all', 'the most in one']),
  '|---|---|---|---|',
  ...winters.map(({ floor, counts }) =>
    line([floor.name, counts.length, counts.reduce((sum, count) => sum + count, 0), Math.max(...counts)]),
  ),
  '',
].join('\n')
process.stdout.write(text)
writeFileSync(
  README,
  readFileSync(README, 'utf8').replace(/(?<=^## Last run\n\n)[\s\S]*$/m, () => text),
)
process.exitCode = found >= GOAL.found && most <= GOAL.falseFindings ? 0 : 1
