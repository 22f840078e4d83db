// Installs the dependencies when they are missing or older than the lockfile, so that `npm test` and `npm run demo`
// work on a fresh clone. Plain JavaScript for the oldest Node that npm itself runs on.
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'

const time = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
const inside = (name) => new URL(`../${name}`, import.meta.url)

if (time(inside('node_modules/.package-lock.json')) < time(inside('package-lock.json'))) {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: inside('.'),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}
