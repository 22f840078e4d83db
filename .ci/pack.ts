/**
 * Lays out what people get, from what `npm run build` has made: the program, the packages beside it, and nothing else.
 *
 *     node .ci/pack.ts image FOLDER [PLATFORM]    for the container image
 *     node .ci/pack.ts tarball FOLDER             an archive for systemd, with the Node.js that runs this
 *
 * PLATFORM is as Node.js names it (linux-x64) or as Docker does (linux-amd64); without it, the one that this runs on.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const TOP = fileURLToPath(new URL('..', import.meta.url))
const SQLITE = 'node_modules/better-sqlite3'

/** Of these packages there is only what matches: the rest is C, or for other machines. */
const ONLY: Readonly<Record<string, (platform: string) => RegExp>> = {
  [SQLITE]: (platform) => new RegExp(`^(?:package\\.json|LICENSE|lib/.*|prebuilds/${platform}\\.node)$`),
  // Headers for those who compile the one above.
  'node_modules/node-addon-api': () => /^$/,
}

/** Of every other package there is what can run, what is served, and the licence. */
const LEFT_OUT = [
  /(?:^|\/)(?:tests?|e2e|examples?|benchmarks?|docs|browser|\.[^/]+)\//,
  /(?:^|\/)(?:\..*|tsconfig.*|test\.js|.*\.config\.js|.*\.(?:[cm]?ts|map|md|ya?ml))$/,
]
const LICENCE = /(?:^|\/)(?:licen[cs]e|notice|copying)[^/]*$/i

/** As Node.js names a platform. */
const named = (platform: string): string => platform.replace(/-amd64$/, '-x64')

/** Packages that the program finds beside it, as folders: those of the lockfile that are no tools. */
function packages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(TOP, 'package-lock.json'), 'utf8'))
  const entries = Object.entries<Record<string, unknown>>(packages)
  return entries.flatMap(([path, { dev, devOptional, optional, link }]) =>
    path.startsWith('node_modules/') && !(dev || devOptional || optional || link) ? [path] : [],
  )
}

/** Copies those files of a folder that are wanted. */
function copy(from: string, to: string, wanted: (path: string) => boolean): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = relative(from, join(entry.parentPath, entry.name))
    if (!entry.isFile() || path.startsWith('node_modules/') || !wanted(path)) continue
    mkdirSync(dirname(join(to, path)), { recursive: true })
    cpSync(join(from, path), join(to, path), { preserveTimestamps: true })
  }
}

/**
 * Lays out the program in a folder, so that `dist/main.js` runs there.
 * @param options.dist what was built, if it is not in its place
 * @throws if there is no binary of the database for that platform
 */
export function layOut(to: string, platform: string, { dist = join(TOP, 'dist') } = {}): void {
  const binary = join(TOP, SQLITE, 'prebuilds', `${named(platform)}.node`)
  if (!existsSync(binary)) throw new Error(`better-sqlite3 has no binary for ${platform}, so there is no image for it`)
  for (const path of packages()) {
    const only = ONLY[path]?.(named(platform))
    copy(join(TOP, path), join(to, path), (file) =>
      only ? only.test(file) : LICENCE.test(file) || !LEFT_OUT.some((rule) => rule.test(file)),
    )
  }
  copy(dist, join(to, 'dist'), () => true)
  chmodSync(join(to, 'dist/main.js'), 0o755)
  for (const name of ['package.json', 'LICENSE']) cpSync(join(TOP, name), join(to, name))
}

/**
 * Makes the archive for systemd, which is the same bytes whenever it is made from the same files.
 * @returns its path
 */
function tarball(folder: string): string {
  const platform = `${process.platform}-${process.arch}`
  const { version } = JSON.parse(readFileSync(join(TOP, 'package.json'), 'utf8'))
  const name = `thermo2mqtt-${version}-${platform}`
  const to = join(folder, name)
  layOut(to, platform)
  const node = realpathSync(process.execPath)
  mkdirSync(join(to, 'bin'))
  cpSync(node, join(to, 'bin/node'))
  cpSync(join(dirname(node), '../LICENSE'), join(to, 'bin/LICENSE'))
  for (const file of ['CHANGELOG.md', 'docker/thermo2mqtt.service', 'config/example.yaml'])
    cpSync(join(TOP, file), join(to, basename(file)))
  const time = `@${process.env.SOURCE_DATE_EPOCH ?? 0}`
  const same = ['--sort=name', `--mtime=${time}`, '--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX']
  const args = [...same, '--use-compress-program=gzip -n', '-cf', `${name}.tar.gz`, name]
  const { status } = spawnSync('tar', args, { cwd: folder, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('tar has failed')
  rmSync(to, { recursive: true })
  return `${to}.tar.gz`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, folder, platform = `${process.platform}-${process.arch}`] = parseArgs({
    allowPositionals: true,
  }).positionals
  if (folder === undefined) throw new Error('node .ci/pack.ts image|tarball FOLDER [PLATFORM]')
  mkdirSync(folder, { recursive: true })
  if (what === 'tarball') process.stdout.write(`${tarball(folder)}\n`)
  else layOut(folder, platform)
}
