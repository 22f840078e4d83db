/** What CI and releases may do, what they take from others, and that they name what is there. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { isObject } from '../../src/core/json.ts'
import { exists, read, TOP } from '../docs/support.ts'

const FOLDER = '.github/workflows'
const names = readdirSync(`${TOP}/${FOLDER}`)
const workflows = new Map(names.map((name) => [name, Object(parse(read(`${FOLDER}/${name}`)))]))

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

const jobs = [...workflows].flatMap(([file, { jobs }]) =>
  Object.entries<Record<string, unknown>>(jobs).map(([name, job]) => ({ name: `${file} ${name}`, job })),
)
const stepsOf = (job: Record<string, unknown>): readonly Step[] => (Array.isArray(job.steps) ? job.steps : [])
const steps = jobs.flatMap(({ name, job }) => stepsOf(job).map((step) => ({ name, step })))
const compose = parse(read('docker-compose.yml'))
const BASE = /^node:24-bookworm-slim@sha256:[0-9a-f]{64}$/

t.test('whatever others wrote is held by its hash', async (t) => {
  const lines = names.flatMap((name) =>
    read(`${FOLDER}/${name}`)
      .split('\n')
      .filter((line) => /^\s*(?:- )?uses:/.test(line)),
  )
  t.ok(lines.length > 10)
  t.same(
    lines.filter(
      (line) => !/uses: (?:[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\.github\/[\w./-]+)$/.test(line),
    ),
    [],
  )
  const hashes = new Map(
    lines.flatMap((line) => [...line.matchAll(/uses: (\S+)@(\w+)/g)].map(([, name, hash]) => [name, hash])),
  )
  t.same(
    lines.filter((line) =>
      [...line.matchAll(/uses: (\S+)@(\w+)/g)].some(([, name, hash]) => hashes.get(name) !== hash),
    ),
    [],
    'one version of each',
  )
})

t.test('each job may do what it has to, for as long as it takes', async (t) => {
  for (const [name, { permissions }] of workflows) t.same(permissions, {}, name)
  const rights = jobs.flatMap(({ name, job }) =>
    Object.entries(Object(job.permissions)).map(([right, how]) => `${name}: ${right} ${how}`),
  )
  t.same(
    rights.filter((right) => !right.endsWith('contents read')),
    [
      'release.yml files: id-token write',
      'release.yml files: attestations write',
      'release.yml images: packages write',
      'release.yml images: id-token write',
      'release.yml npm: id-token write',
      'release.yml release: contents write',
    ],
  )
  const own = jobs.filter(({ job }) => !('uses' in job))
  t.same(
    own.filter(({ job }) => !isObject(job.permissions) || typeof job['timeout-minutes'] !== 'number'),
    [],
  )
  const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@'))
  t.same(
    checkouts.filter(({ step }) => step.with?.['persist-credentials'] !== false),
    [],
    'no step finds the token that the checkout used',
  )
})

t.test('no command is made of what somebody else can choose: it comes from the environment', async (t) => {
  t.same(
    steps.filter(({ step }) => step.run?.includes('${{')).map(({ name, step }) => [name, step.run]),
    [],
  )
})

t.test('commands name what there is', async (t) => {
  const { scripts } = JSON.parse(read('package.json'))
  const all = steps.map(({ step }) => step.run ?? '').join('\n')
  const called = [...all.matchAll(/npm run (\w+)/g)].map(([, name = '']) => name)
  t.same(
    called.filter((name) => !(name in scripts)),
    [],
  )
  const files = [...all.matchAll(/\.ci\/[\w.-]+/g)].map(([path]) => path)
  t.ok(files.includes('.ci/run') && files.includes('.ci/pack.ts') && files.includes('.ci/release-notes.ts'))
  t.same(
    files.filter((path) => !exists(path)),
    [],
  )
  for (const linter of ['actionlint', 'hadolint', 'docker compose', 'renovate-config-validator']) t.match(all, linter)
})

t.test('a release runs all tests before anything is published', async (t) => {
  const { jobs } = workflows.get('release.yml')
  t.equal(jobs.ci.uses, './.github/workflows/ci.yml')
  const before = (name: string): string[] => [jobs[name].needs ?? []].flat().flatMap((job) => [job, ...before(job)])
  for (const name of ['files', 'images', 'npm', 'release']) t.ok(before(name).includes('ci'), name)
  t.match(read(`${FOLDER}/release.yml`), 'run: npm run packed')
})

t.test('the images are those that compose file and app name, for platforms that have binaries', async (t) => {
  const { images } = workflows.get('release.yml').jobs
  const app = parse(read('docker/homeassistant/app/config.yaml'))
  t.same(images.strategy.matrix.include, [
    { target: 'bridge', image: compose.services.thermo2mqtt.image.replace(/:latest$/, '') },
    { target: 'homeassistant', image: app.image },
  ])
  const build = stepsOf(images).find(({ run }) => run?.includes('buildx build'))?.run ?? ''
  const [, platforms = ''] = /--platform (\S+)/.exec(build) ?? []
  t.same(platforms.split(','), ['linux/amd64', 'linux/arm64'])
  for (const wanted of ['--sbom=true', '--provenance=mode=max', 'push=true']) t.match(build, wanted)
  const signing = stepsOf(images).map(({ run }) => run ?? '')
  t.ok(
    signing.some((run) => run.startsWith('cosign sign --yes "$IMAGE@')),
    'by digest, which is what was built',
  )
})

t.test('bases are named by digest', async (t) => {
  const { build, image } = compose.services.thermo2mqtt
  t.match(build, { context: '.', args: { NODE_IMAGE: BASE } })
  t.match(image, /^ghcr\.io\/thermo2mqtt\/thermo2mqtt:latest$/)
  t.match(workflows.get('ci.yml').jobs.test.container.image, BASE)
  const [tag] = build.args.NODE_IMAGE.split('@')
  t.match(read('Dockerfile'), `ARG NODE_IMAGE=${tag}\n`)
  // Renovate finds the line.
  const { customManagers, packageRules } = JSON.parse(read('.github/renovate.json'))
  const found = new RegExp(customManagers[0].matchStrings[0]).exec(read('docker-compose.yml'))?.groups
  t.match(found, { depName: 'node', currentValue: '24-bookworm-slim', currentDigest: /^sha256:/ })
  // It would otherwise write a digest to the Dockerfile too.
  const tags = packageRules.filter(({ pinDigests }: { pinDigests?: boolean }) => pinDigests === false)
  t.same(
    tags.flatMap(({ matchManagers }: { matchManagers: string[] }) => matchManagers),
    ['docker-compose', 'dockerfile'],
  )
})

t.test('Compose understands its file', async (t) => {
  const env = { ...process.env, MQTT_PASSWORD: 'any' }
  const args = ['--profile', 'metrics', 'config', '-q']
  const ways = [
    ['docker-compose', ...args],
    ['docker', 'compose', ...args],
  ]
  const tried = ways.map(([command = '', ...rest]) => spawnSync(command, rest, { cwd: TOP, env, encoding: 'utf8' }))
  const told = tried.find(({ error, stderr }) => !error && !/unknown command|is not a docker command/.test(stderr))
  if (!told) return t.comment('not looked at: there is no docker-compose (apt-get install docker-compose)')
  t.equal(told.status, 0, told.stderr)
})
