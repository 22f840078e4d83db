/**
 * `npm run packed`: builds twice, packs, installs the package into an empty folder and unpacks the archive, and runs the demo from each.
 * It takes half a minute, so it is no part of `npm test`; .ci/run calls it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ownUdpPort } from '../../src/commands/running/ports.ts'
import { TOP } from '../docs/support.ts'
import { unusedPort } from '../support/unused-port.ts'
import { ARCHIVED, filesOf, imageFiles, PUBLISHED, unexpected } from './support.ts'

const SOURCES = [
  '.ci',
  'src',
  'config/example.yaml',
  'docker/thermo2mqtt.service',
  ...['package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.json', 'LICENSE', 'README.md', 'CHANGELOG.md'],
]

const work = mkdtempSync(join(tmpdir(), 'thermo2mqtt-packed-'))
t.teardown(() => rmSync(work, { recursive: true, force: true }))

/** Runs a program to its end, with nothing in its environment but what is given, and tells what it has printed. */
function run(
  cwd: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const whole = { PATH: process.env.PATH, HOME: process.env.HOME, ...env }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env: whole, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${status}\n${stdout}\n${stderr}`)
  return stdout
}

/** Builds in a fresh copy of the sources, as old as is said. */
function build(folder: string, age: Date, env: Readonly<Record<string, string>>): void {
  for (const path of SOURCES) cpSync(join(TOP, path), join(folder, path), { recursive: true })
  for (const path of filesOf(folder)) utimesSync(join(folder, path), age, age)
  // Other folders for the packages too. Links take no room; where there can be none, copies do.
  const linked = spawnSync('cp', ['-al', join(TOP, 'node_modules'), join(folder, 'node_modules')])
  if (linked.status !== 0) run(folder, 'cp', ['-a', join(TOP, 'node_modules'), '.'])
  run(folder, 'npx', ['--no-install', 'vite', 'build'], env)
  run(folder, 'npx', ['--no-install', 'vite', 'build', '--config', 'src/web/vite.config.ts'], env)
}

const hashes = (folder: string) =>
  Object.fromEntries(
    filesOf(folder).map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    ]),
  )

/** Ends a program and whatever it has started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'close')
  process.kill(-child.pid, 'SIGKILL')
  await ended
}

/** Starts the demo, asks it for its health, its page and the documentation of REST, and ends it as Ctrl+C does. */
async function tryDemo(t: Test, cwd: string, command: string, args: readonly string[]): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    T2M_MQTT_EMBEDDED_PORT: String(await unusedPort()),
    T2M_API_PORT: String(await unusedPort()),
    T2M_DISCOVERY_PORT: String(await ownUdpPort('127.0.0.1', 0)),
  }
  // A group of its own, as a terminal makes one: Ctrl+C reaches all in it.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => end(child))
  let printed = ''
  const guide = new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      printed += chunk
      const rest = /REST +(http:\S+)\/docs/.exec(printed)?.[1]
      if (rest !== undefined && /ends the demo\./.test(printed)) resolve(rest)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`ended with ${code}:\n${printed}`)))
  })
  const rest = await guide
  const headers = { authorization: 'Bearer t2m_demo-only-everybody-knows-this-token-000000' }
  const get = async (path: string) => {
    const answer = await fetch(rest + path, { headers })
    return `${answer.status} ${await answer.text()}`
  }
  t.match(await get('/healthz'), /^200 /)
  t.match(await get('/'), /^200 .*<script/s)
  t.match(await get('/docs/static/swagger-ui.css'), /^200 /)
  t.match(await get('/api/v1/devices'), /^200 .*"devices":\[\{/)
  const ended = once(child, 'close')
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
  await ended
}

t.test('two builds, in other folders at other times, are the same bytes', async (t) => {
  const [one, two] = [join(work, 'one'), join(work, 'further/down/two')]
  build(one, new Date('2026-01-02T03:04:05Z'), { TZ: 'Asia/Tokyo', LANG: 'C' })
  build(two, new Date('2031-07-08T09:10:11Z'), { TZ: 'America/Lima', LANG: 'uk_UA.UTF-8' })
  const first = hashes(join(one, 'dist'))
  t.ok(Object.keys(first).length > 50)
  t.strictSame(hashes(join(two, 'dist')), first)

  await t.test('the licence of everything that is built in goes with it, and each lets us', async (t) => {
    const notices = ['dist/THIRD-PARTY-NOTICES.md', 'dist/web/THIRD-PARTY-NOTICES.md'].flatMap((file) =>
      readFileSync(join(one, file), 'utf8')
        .split(/^## (?=\S+ - \d)/m)
        .slice(1),
    )
    const packages = notices.map((notice) => notice.split(' ', 1)[0])
    t.same(
      ['fastify', 'mqtt', 'got', 'preact', 'uplot'].filter((name) => !packages.includes(name)),
      [],
    )
    const without = notices.filter((notice) => !/copyright|licen[cs]e/i.test(notice.slice(notice.indexOf('\n'))))
    // It says "MIT" and no more, in its manifest.
    t.same(
      without.map((notice) => notice.split(' ', 1)[0]),
      ['abstract-logging'],
    )
    const kind = /^\S+ - \S+ \((?:MIT|MIT-0|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0)\)$/m
    t.same(
      notices.filter((notice) => !kind.test(notice)),
      [],
    )
  })

  await t.test('the package holds what is needed, and its demo runs where there is nothing else', async (t) => {
    run(one, 'npm', ['pack', '--ignore-scripts', '--pack-destination', work])
    const { version } = JSON.parse(readFileSync(join(one, 'package.json'), 'utf8'))
    const archive = join(work, `thermo2mqtt-${version}.tgz`)
    const files = run(work, 'tar', ['-tzf', archive]).trim().split('\n')
    t.same(
      unexpected(
        files.map((file) => file.replace(/^package\//, '')),
        PUBLISHED,
      ),
      [],
    )
    t.comment(`the package: ${files.length} files, ${Math.round(statSync(archive).size / 1000)} kB`)
    const clean = join(work, 'clean')
    mkdirSync(clean)
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error']
    run(clean, 'npm', ['install', ...quiet, archive])
    await tryDemo(t, clean, 'npx', ['--no-install', 'thermo2mqtt', 'demo'])
  })

  await t.test('the archive holds what is needed, and its demo runs there', async (t) => {
    const archive = join(one, run(one, process.execPath, ['.ci/pack.ts', 'tarball', 'out']).trim())
    const place = join(work, 'place')
    mkdirSync(place)
    run(place, 'tar', ['-xzf', archive, '--strip-components=1'])
    const platform = `${process.platform}-${process.arch}`
    t.same(unexpected(filesOf(place), [...imageFiles(platform), ...ARCHIVED]), [])
    t.comment(`the archive: ${Math.round(statSync(archive).size / 1e6)} MB`)
    await tryDemo(t, place, join(place, 'bin/node'), ['dist/main.js', 'demo'])
  })
})
