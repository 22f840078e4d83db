// Installs the dependencies when they are missing or older than the lockfile, so that `npm test` and `npm run demo`
// work on a fresh clone; with `--tests` also fits the test runner to its plugins, which its first run would fail on.
// Plain JavaScript for the oldest Node that npm itself runs on.
import { spawnSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const inside = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const time = (name) => statSync(inside(name), { throwIfNoEntry: false })?.mtimeMs ?? 0

function run(command, args, output) {
  const stdio = ['ignore', output, 'inherit']
  const { status } = spawnSync(command, args, { cwd: inside('.'), stdio, shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}

const INSTALLED = 'node_modules/.package-lock.json'
if (time(INSTALLED) < time('package-lock.json')) {
  // No package needs a script of its own to be installed; a test holds that.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], 'inherit')
}

const FITTED = 'node_modules/.tap-fitted'
if (process.argv.includes('--tests') && time(FITTED) < Math.max(time(INSTALLED), time('.taprc'))) {
  run('tap', ['build'], 'ignore')
  writeFileSync(inside(FITTED), '')
}
