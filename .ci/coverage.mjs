// Fails when the last test run covered less of a folder than it should. Reads the summary that tap leaves behind.
import { readdirSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

/** Least share of lines in percent: all of what everything else stands on, most of the rest. */
const LEAST = { core: 100, catalog: 100, protocol: 100 }
const OTHERWISE = 90

const root = new URL('..', import.meta.url).pathname
const summary = JSON.parse(readFileSync(`${root}.tap/report/coverage-summary.json`, 'utf8'))
const folders = new Map()
for (const [file, { lines }] of Object.entries(summary)) {
  const path = relative(root, file)
  if (!path.startsWith('src/')) continue
  const [, folder] = path.split('/')
  const name = path.split('/').length > 2 ? folder : '.'
  const sum = folders.get(name) ?? { total: 0, covered: 0, files: [] }
  folders.set(name, {
    total: sum.total + lines.total,
    covered: sum.covered + lines.covered,
    files: [...sum.files, ...(lines.pct < 100 ? [`${path} ${lines.pct} %`] : [])],
  })
}

const expected = readdirSync(`${root}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory())
const missing = expected.filter(({ name }) => !folders.has(name)).map(({ name }) => name)
const low = []
for (const [name, { total, covered, files }] of [...folders].sort()) {
  const share = Math.floor((covered / total) * 10_000) / 100
  const least = LEAST[name] ?? OTHERWISE
  console.log(`coverage of src/${name}: ${share} % of lines (at least ${least} %)`)
  if (share < least) low.push(name, ...files.map((file) => `  ${file}`))
}
if (missing.length > 0) console.error(`no test runs anything of: ${missing.join(', ')}`)
if (low.length > 0) console.error(`too little is tested in: ${low.join('\n')}`)
process.exit(low.length + missing.length > 0 ? 1 : 0)
