/** What is published and what is in the image: what is needed, and nothing else. Whether it runs, `npm run packed` tries. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { layOut } from '../../.ci/pack.ts'
import { read, TOP } from '../docs/support.ts'
import { filesOf, imageFiles, PUBLISHED, unexpected } from './support.ts'

const write = (folder: string, path: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), path)
}

/** A folder with a build of a few files in `dist`, and room for more. */
const built = (t: Test): string => {
  const folder = t.testdir()
  for (const path of ['main.js', 'web/index.html', 'THIRD-PARTY-NOTICES.md']) write(folder, `dist/${path}`)
  return folder
}

t.test('the image holds the program, its packages without sources, and one binary', async (t) => {
  const folder = built(t)
  for (const [platform, name] of Object.entries({ 'linux-amd64': 'linux-x64', 'linux-arm64': 'linux-arm64' })) {
    const to = join(folder, name)
    layOut(to, platform, { dist: join(folder, 'dist') })
    const files = filesOf(to)
    t.same(unexpected(files, imageFiles(name)), [], platform)
    const binary = `node_modules/better-sqlite3/prebuilds/${name}.node`
    t.same(
      files.filter((file) => file.endsWith('.node')),
      [binary],
    )
    const packages = files.filter((file) => /^(?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+package\.json$/.test(file))
    t.ok(packages.length > 20)
    const licensed = (path: string) => files.some((file) => file.startsWith(dirname(path)) && /licen[cs]e/i.test(file))
    t.same(
      packages.filter((path) => !licensed(path)),
      [],
      'each with its licence',
    )
    t.ok(statSync(join(to, 'dist/main.js')).mode & 0o100, 'it can be started')
    const size = files.reduce((sum, file) => sum + statSync(join(to, file)).size, 0)
    t.ok(size < 9_000_000, `all but the program takes ${size} bytes`)
  }
})

t.test('the image is that, the name of the command, and a folder for data', async (t) => {
  const added = read('Dockerfile')
    .split(/^FROM /m)
    .slice(2)
    .flatMap((stage) => stage.match(/^(?:ADD|COPY|RUN) .*$/gm) ?? [])
  t.same(added, [
    'COPY --from=build /app ./',
    'RUN ln -s /app/dist/main.js /usr/local/bin/thermo2mqtt && mkdir -m 700 /data && chown node:node /data',
  ])
})

t.test('what is not needed is noticed', async (t) => {
  const rules = imageFiles('linux-x64')
  const bad = [
    'node_modules/better-sqlite3/deps/sqlite3/sqlite3.c',
    'node_modules/better-sqlite3/prebuilds/darwin-arm64.node',
    'node_modules/typescript/lib/tsc.js',
    'node_modules/yaml/README.md',
    'src/main.ts',
    'dist/main.js.map',
    'dist/web/pictures/house.png',
  ]
  t.same(unexpected(bad, rules), bad)
  t.same(unexpected(['test/a.ts', '.ci/run', 'dist/data/store.key'], PUBLISHED).length, 3)
})

t.test('there is no image where the database has no binary', async (t) => {
  const folder = built(t)
  const dist = join(folder, 'dist')
  t.throws(() => layOut(join(folder, 'to'), 'linux-arm', { dist }), /no binary for linux-arm, /)
})

t.test('npm publishes the build, and nothing that lies beside it', async (t) => {
  const folder = t.testdir()
  for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'])
    cpSync(join(TOP, name), join(folder, name))
  const beside = ['src/main.ts', 'test/a.test.ts', '.ci/run', 'config/local.yaml', 'data/store.key', '.env', 'a.log']
  for (const path of ['dist/main.js', 'dist/web/index.html', ...beside]) write(folder, path)
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  t.equal(packed.status, 0, packed.stderr)
  const listed: unknown = JSON.parse(packed.stdout)
  const [{ files }] = Array.isArray(listed) ? listed : Object.values(Object(listed))
  const paths = files.map(({ path }: { path: string }) => path)
  t.same(unexpected(paths, PUBLISHED), [])
  t.ok(paths.includes('dist/main.js') && paths.includes('LICENSE') && paths.includes('README.md'))
})

t.test('the package says where it comes from, and can be published', async (t) => {
  const manifest = JSON.parse(read('package.json'))
  t.notOk('private' in manifest)
  t.match(manifest, {
    license: 'MIT',
    repository: { url: 'git+https://github.com/thermo2mqtt/thermo2mqtt.git' },
    bin: { thermo2mqtt: 'dist/main.js' },
  })
  t.same(manifest.files, ['dist', 'CHANGELOG.md'])
  // What is built in is a tool of ours: whoever installs the package would get it twice.
  t.same(Object.keys(manifest.dependencies), ['@fastify/swagger-ui', 'better-sqlite3', 'light-my-request'])
})

t.test('nothing runs when the packages are installed, and each is known by its hash', async (t) => {
  const { packages } = JSON.parse(read('package-lock.json'))
  const entries = Object.entries<Record<string, unknown>>(packages)
  t.same(
    entries.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
    [],
    'no package asks for a script',
  )
  const fetched = entries.filter(([path, { link }]) => path.startsWith('node_modules/') && !link)
  t.ok(fetched.length > 300)
  t.same(
    fetched.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(String(integrity))).map(([path]) => path),
    [],
    'npm refuses other bytes than these',
  )
  t.match(read('.ci/setup.mjs'), "['ci', '--ignore-scripts',")
  t.match(read('Dockerfile'), 'npm ci --ignore-scripts')
})

t.test('the Node.js of the tests is a package like any other', async (t) => {
  const wanted = Object.entries(JSON.parse(read('.ci/node/package.json')).optionalDependencies)
  const { packages } = JSON.parse(read('package-lock.json'))
  for (const [name, version] of wanted) {
    t.match(packages[`node_modules/${name}`], { version, integrity: /^sha512-/, os: /./, cpu: /./ }, name)
    t.match(version, /^24\.\d+\.\d+$/, 'which is held')
  }
  const installed = wanted.filter(([name]) => existsSync(join(TOP, 'node_modules', name)))
  t.equal(installed.length, 1, 'npm has chosen the one of this machine')
  t.equal(`v${installed[0]?.[1]}`, process.version, 'and it runs this')
})
