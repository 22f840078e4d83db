/** What keeps the parts apart. Each rule is first shown to catch a made-up bad example, then applied to all of src. */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { testsOf } from './suites/folder.ts'
import { codeOf, type Import, importsOf, lineAt, readSources, type Sources } from './support/source-scan.ts'

interface Directions {
  /** Folders, or single files, that may be imported. Its own folder always may. */
  readonly from: readonly string[]
  /** The same, but only as `import type`. */
  readonly types?: readonly string[]
}

/** The words of the catalog in the languages that there are: texts alone, of which the page loads one. */
const LOCALES = ['words.ts', 'words', 'names'].map((name) => `catalog/locales/${name}`)

/** What those who show the bridge or command it know of the devices: their ports, and lists and rules that are the same for all. */
const OF_DEVICES = [
  'devices/ports.ts',
  'devices/commands/actions.ts',
  'devices/facts/called.ts',
  'devices/facts/given-name.ts',
  'devices/house/suggested-room.ts',
  'devices/house/types.ts',
  'devices/news/command-events.ts',
  'devices/plan/offers.ts',
  'devices/reading/poller.ts',
  'devices/schedule/file.ts',
  'devices/schedule/house.ts',
]

/** Which folder of src may import from which. */
const DIRECTIONS: Readonly<Record<string, Directions>> = {
  core: { from: [] },
  catalog: { from: [] },
  protocol: { from: ['catalog', 'core'] },
  lan: { from: ['protocol', 'catalog', 'core'] },
  cloud: { from: ['core'] },
  store: { from: ['core'], types: ['history/types.ts'] },
  devices: { from: ['protocol', 'catalog', 'core'], types: ['updates/types.ts'] },
  history: { from: ['core'], types: ['devices/ports.ts'] },
  guardian: { from: ['core'], types: ['devices/ports.ts', 'history/types.ts'] },
  messages: { from: ['core'], types: ['devices/ports.ts'] },
  mqtt: { from: [...OF_DEVICES, 'catalog', 'core'] },
  homeassistant: { from: [...OF_DEVICES, 'catalog', 'core'], types: ['mqtt/topics.ts', 'mqtt/port.ts'] },
  conventions: { from: [...OF_DEVICES, 'catalog', 'core'], types: ['mqtt/port.ts'] },
  updates: { from: ['core'] },
  homie: { from: ['conventions', ...OF_DEVICES, 'catalog', 'core'] },
  wirenboard: { from: ['conventions', ...OF_DEVICES, 'catalog', 'core'] },
  api: { from: [...OF_DEVICES, 'history/types.ts', 'catalog', 'core'] },
  // A second source of what the devices say, and another way to them.
  native: {
    from: [
      'devices/ports.ts',
      'devices/link',
      'devices/facts/sensors.ts',
      'protocol',
      'catalog',
      'core',
      'mqtt/topics.ts',
    ],
    types: ['devices/reading/second-source.ts', 'mqtt/port.ts'],
  },
  // The page runs elsewhere: it knows the shapes of REST, and the words for what REST says in English.
  web: { from: LOCALES, types: ['api/schemas', 'devices/schedule/types.ts'] },
  config: { from: ['core'] },
  simulator: { from: ['core'] },
  'version.ts': { from: ['core'] },
}

/** Where the program is put together: these may import everything, and nothing but they themselves may import them. */
const TOP = ['main.ts', 'app.ts', 'app', 'commands']

const MOST_LINES = 300

/** How many files a folder holds, its index aside, before it has rooms. */
const MOST_FILES = 12

/** Folders that may hold more, each with its reason. */
const CROWDED: Readonly<Record<string, string>> = {
  'test/bench': 'one file for each thing that is measured, and for its floor',
  'test/faults': 'one file for each kind of fault, and the rig for all of them',
  'test/suites': 'each file is one process of the tests',
  'test/support': 'tools for the tests of all folders, each small and for itself',
}

const partOf = (path: string): string => path.split('/')[0] ?? path

const within = (path: string, places: readonly string[]): boolean =>
  places.some((place) => path === place || path.startsWith(`${place}/`))

function mayImport(path: string, { to, kind }: Import): boolean {
  const part = partOf(path)
  if (TOP.includes(part)) return true
  const { from, types = [] } = DIRECTIONS[part] ?? { from: [] }
  return within(to, [part, ...from]) || (kind === 'type' && within(to, types))
}

function badDirections(sources: Sources): string[] {
  return [...sources].flatMap(([path, source]) => {
    const part = partOf(path)
    if (!TOP.includes(part) && !(part in DIRECTIONS)) return [`${path}: ${part} is not in the table of directions`]
    const imports = importsOf(path, source).filter(({ ours }) => ours)
    return imports.filter((found) => !mayImport(path, found)).map(({ to }) => `${path} imports ${to}`)
  })
}

/**
 * Ways from a file back to itself, be it by values, by types alone or by what is loaded later: whoever reads one file of a circle
 * has to read them all.
 */
function cycles(sources: Sources): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const { to, ours } of importsOf(path, sources.get(path) ?? '')) if (ours) visit(to, [...trail, path])
    done.add(path)
  }
  for (const path of sources.keys()) visit(path, [])
  return found
}

/**
 * The rooms of a folder (`''` for all of src, else with `/` at its end) as if each were one file, which imports what any of its
 * files does. Files beside the rooms are left out.
 */
function asRooms(sources: Sources, folder: string): Sources {
  const roomOf = (path: string) =>
    path.startsWith(folder) ? /^[^/]+(?=\/)/.exec(path.slice(folder.length))?.[0] : undefined
  const rooms = new Map<string, string>()
  for (const [path, source] of sources) {
    const room = roomOf(path)
    if (room === undefined) continue
    const others = importsOf(path, source).map(({ to }) => roomOf(to))
    const lines = others.flatMap((other) => (other === undefined || other === room ? [] : [`import './${other}'\n`]))
    rooms.set(room, `${rooms.get(room) ?? ''}${lines.join('')}`)
  }
  return rooms
}

/** Places in the code of every file (comments and texts aside) that match `pattern`. */
function places(sources: Sources, pattern: RegExp, except: readonly string[] = []): string[] {
  return [...sources].flatMap(([path, source]) => {
    if (within(path, except)) return []
    const code = codeOf(source)
    return [...code.matchAll(pattern)].map((match) => `${path}:${lineAt(code, match.index)}: ${match[0].trim()}`)
  })
}

/** At the top level a line begins without indent: the formatter sees to that. */
const moduleVariables = (sources: Sources) => places(sources, /^(export )?(let|var)\b.*/gm)

const moduleCollections = (sources: Sources) =>
  places(sources, /^(export )?const \w+(?!: Readonly(Set|Map)\b)(: [^=]*)? = new (Weak)?(Map|Set)\b/gm)

const exits = (sources: Sources) =>
  places(sources, /\bprocess\s*(\?\.|\.)\s*(exit|reallyExit|abort)\s*\(/g, ['main.ts'])

const anyTypes = (sources: Sources) => places(sources, /([:<,|&(=]|\bas)\s*any\b(?!\s*(:|\(|=>))/g)

const nonNull = (sources: Sources) => places(sources, /[\w)\]]!(?=[.[\]),;:]|\n)/g)

function tooLong(sources: Sources): string[] {
  const lines = (source: string) => source.trimEnd().split('\n').length
  return [...sources].filter(([, source]) => lines(source) > MOST_LINES).map(([path]) => path)
}

function crowded(sources: Sources): string[] {
  const files = new Map<string, number>()
  for (const path of sources.keys()) {
    const room = path.slice(0, path.lastIndexOf('/'))
    if (!/(^|\/)index\.tsx?$/.test(path)) files.set(room, (files.get(room) ?? 0) + 1)
  }
  return [...files].flatMap(([room, count]) => (count > MOST_FILES && !(room in CROWDED) ? [room] : []))
}

const of = (files: Readonly<Record<string, string>>): Sources => new Map(Object.entries(files))

const src = readSources(fileURLToPath(new URL('../src', import.meta.url)))
const tests = readSources(fileURLToPath(new URL('.', import.meta.url)))

t.test('the scan sees imports of every form, and nothing in comments and texts', async (t) => {
  const source = [
    "import a from './a.ts'",
    "import type { B } from '../b/b.ts'",
    "import {\n  type C,\n  c,\n} from './c.ts'",
    "import './d.ts'",
    "export * from './e.ts'",
    "export type * from './f.ts'",
    "export { g } from './g.ts'",
    "const h = await import('./h.ts')",
    "import * as i from 'package'",
    "// import j from './j.ts'",
    "/* import k from './k.ts' */",
    'const text = "it\'s // no comment"',
    `const pattern = /['"\`//]/.test(\`\${{ a: '}' }}\`) // import('./l.ts')`,
    'export const last = 1',
  ].join('\n')
  const found = importsOf('x/y.ts', source)
  t.strictSame(
    found.map(({ to, kind }) => (kind === 'value' ? to : `${to} (${kind})`)),
    ['x/a.ts', 'b/b.ts (type)', 'x/c.ts', 'x/d.ts', 'x/e.ts', 'x/f.ts (type)', 'x/g.ts', 'package', 'x/h.ts (lazy)'],
  )
  t.match(codeOf(source), /export const last = 1$/)
  t.notMatch(codeOf(source), /no comment/)
  t.equal(codeOf(source).split('\n').length, source.split('\n').length)
  t.ok(src.size > 50, 'src is there')
})

t.test('imports go one way', async (t) => {
  const bad: readonly [path: string, statement: string][] = [
    ['core/a.ts', "import { x } from '../catalog/index.ts'"],
    ['catalog/a.ts', "import type { x } from '../core/errors.ts'"],
    ['protocol/a.ts', "import { x } from '../lan/http.ts'"],
    ['lan/a.ts', "import { x } from '../cloud/cloud.ts'"],
    ['lan/a.ts', "import type { x } from '../devices/ports.ts'"],
    ['cloud/a.ts', "import type { x } from '../devices/registry.ts'"],
    ['store/a.ts', "import { type X } from '../history/types.ts'"],
    ['devices/a.ts', "import type { x } from '../lan/lan-device.ts'"],
    ['devices/a.ts', "import type { x } from '../mqtt/port.ts'"],
    ['mqtt/a.ts', "import type { x } from '../lan/types.ts'"],
    ['mqtt/a.ts', "export * from '../api/types.ts'"],
    ['mqtt/a.ts', "import { x } from '../devices/thermostat.ts'"],
    ['homeassistant/a.ts', "import { x } from '../mqtt/topics.ts'"],
    ['homeassistant/a.ts', "import type { x } from '../mqtt/connection.ts'"],
    ['native/a.ts', "import type { x } from '../lan/lan-device.ts'"],
    ['api/a.ts', "const x = await import('../store/store.ts')"],
    ['api/deep/a.ts', "import '../../cloud/cloud.ts'"],
    ['config/a.ts', "import { x } from '../catalog/index.ts'"],
    ['simulator/a.ts', "import { totp } from '../protocol/totp.ts'"],
    ['core/a.ts', "import { x } from '../app.ts'"],
    ['devices/a.ts', "import { x } from '../commands/run.ts'"],
    ['newcomer/a.ts', 'export const x = 1'],
  ]
  for (const [path, statement] of bad)
    t.equal(badDirections(of({ [path]: statement })).length, 1, `${path}: ${statement}`)
  const good: readonly [path: string, statement: string][] = [
    ['store/a.ts', "import type { x } from '../history/types.ts'"],
    ['homeassistant/a.ts', "import type { x } from '../mqtt/topics.ts'"],
    ['native/a.ts', "import { x } from '../mqtt/topics.ts'"],
    ['native/a.ts', "import type { x } from '../devices/link/link.ts'"],
    ['web/a.ts', "import type { x } from '../api/schemas/info.ts'"],
    ['api/routes/a.ts', "import { x } from '../app.ts'"],
    ['simulator/a.ts', "import { x } from '../core/clock.ts'\nimport { y } from './y.ts'\nimport fs from 'node:fs'"],
    ['commands/a.ts', "import { x } from '../app.ts'\nimport { y } from '../simulator/index.ts'"],
    ['main.ts', "import { x } from './commands/index.ts'"],
  ]
  for (const [path, statement] of good)
    t.strictSame(badDirections(of({ [path]: statement })), [], `${path}: ${statement}`)
  t.strictSame(badDirections(src), [])
})

t.test('no file needs, by whatever way, itself', async (t) => {
  const circle = { 'a/a.ts': "import './b.ts'", 'a/b.ts': "import '../c.ts'", 'c.ts': "export * from './a/a.ts'" }
  t.strictSame(cycles(of(circle)), ['a/a.ts → a/b.ts → c.ts → a/a.ts'])
  t.strictSame(cycles(of({ 'a.ts': "import { a } from './a.ts'" })), ['a.ts → a.ts'])
  t.equal(cycles(of({ ...circle, 'c.ts': "import type { A } from './a/a.ts'" })).length, 1)
  t.equal(cycles(of({ ...circle, 'c.ts': "const a = () => import('./a/a.ts')" })).length, 1)
  t.strictSame(cycles(of({ ...circle, 'c.ts': 'export const c = 1' })), [])
  t.strictSame(cycles(src), [])
})

t.test('no room needs, by whatever way, itself', async (t) => {
  const rooms = (last: string) =>
    asRooms(of({ 'd/a/1.ts': "import '../b/1.ts'", 'd/b/1.ts': 'export const b = 1', 'd/b/2.ts': last }), 'd/')
  t.strictSame(cycles(rooms("import type { A } from '../a/2.ts'")), ['a → b → a'])
  t.strictSame(
    cycles(rooms("import { a } from '../a.ts'\nimport './1.ts'")),
    [],
    'what stands beside the rooms is none',
  )
  const folders = new Set(
    [...src.keys()].flatMap((path) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1))),
  )
  for (const folder of ['', ...folders]) t.strictSame(cycles(asRooms(src, folder)), [], `src/${folder}`)
})

t.test('modules hold no state', async (t) => {
  for (const bad of ['let count = 0', 'export let count = 0', 'var x = 1'])
    t.equal(moduleVariables(of({ a: bad })).length, 1, bad)
  t.strictSame(moduleVariables(of({ a: '{\n  let inside = 0\n}\nconst letter = 1' })), [])
  t.strictSame(moduleVariables(src), [])
  const bad = [
    'const a = new Map()',
    'export const a = new Set<string>()',
    'const a: Set<string> = new Set()',
    'const a = new WeakMap()',
  ]
  for (const line of bad) t.equal(moduleCollections(of({ a: line })).length, 1, line)
  const good = [
    'const a: ReadonlySet<string> = new Set()',
    'export const a: ReadonlyMap<string, number> = new Map()',
    '  const a = new Map()',
  ]
  for (const line of good) t.strictSame(moduleCollections(of({ a: line })), [], line)
  t.strictSame(moduleCollections(src), [])
})

t.test('only main.ts ends the process', async (t) => {
  const ending = 'if (bad) process.exit(1)'
  t.equal(exits(of({ 'commands/running/run.ts': ending })).length, 1)
  t.strictSame(exits(of({ 'main.ts': ending, 'a.ts': '// process.exit(1)\nprocess.exitCode = 1' })), [])
  t.strictSame(exits(src), [])
})

t.test('types say what they mean', async (t) => {
  const bad = [
    'const a: any = 1',
    'f(x as any)',
    'const a: Map<string, any> = b',
    'let a: string | any',
    'type A = any',
    'f<any>(x)',
    'const a: any[] = []',
  ]
  for (const line of bad) t.equal(anyTypes(of({ a: line })).length, 1, line)
  const good = ['const any = 1', 'Promise.any(x)', "const a = 'as any'", '// : any', 'const company: string = x']
  for (const line of good) t.strictSame(anyTypes(of({ a: line })), [], line)
  t.strictSame(anyTypes(src), [])
  for (const line of ['a!.b', 'f(a!)', 'a![0]', 'const x = f()!\n', 'class A { b!: string }']) {
    t.equal(nonNull(of({ a: line })).length, 1, line)
  }
  for (const line of ['a !== b', 'if (!a.b) c', "const x = 'oh!'.length", 'f(!a)', 'a != b'])
    t.strictSame(nonNull(of({ a: line })), [], line)
  t.strictSame(nonNull(src), [])
})

t.test('files stay small enough to read', async (t) => {
  t.strictSame(tooLong(of({ a: 'x\n'.repeat(MOST_LINES) })), [])
  t.strictSame(tooLong(of({ a: 'x\n'.repeat(MOST_LINES + 1) })), ['a'])
  t.strictSame(tooLong(src), [])
})

t.test('a room holds no more than one can look over', async (t) => {
  const files = (count: number) => of(Object.fromEntries(Array.from({ length: count }, (_, n) => [`a/${n}.ts`, ''])))
  t.strictSame(crowded(of({ ...Object.fromEntries(files(MOST_FILES)), 'a/index.ts': '', 'a/b/c.ts': '' })), [])
  t.strictSame(crowded(files(MOST_FILES + 1)), ['a'])
  const all = of(
    Object.fromEntries([
      ...[...src].map(([path, source]) => [`src/${path}`, source] as const),
      ...[...tests].map(([path, source]) => [`test/${path}`, source] as const),
    ]),
  )
  t.strictSame(crowded(all), [])
  for (const room of Object.keys(CROWDED))
    t.ok(
      [...all.keys()].some((path) => path.startsWith(`${room}/`)),
      room,
    )
})

t.test('every room says what is in it', async (t) => {
  const map = readFileSync(new URL('../src/README.md', import.meta.url), 'utf8')
  const silent = (sources: Sources, known: string): string[] => {
    const rooms = new Set(
      [...sources.keys()].flatMap((path) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])),
    )
    return [...rooms].filter((room) => {
      const index = sources.get(`${room}/index.ts`) ?? sources.get(`${room}/index.tsx`)
      return !known.includes(`\`${room.replace(/^devices\//, '')}/\``) && !index?.startsWith('/**')
    })
  }
  t.strictSame(silent(of({ 'a/b/1.ts': '', 'a/c/index.ts': "import './1.ts'" }), '| `a/` |'), ['a/b', 'a/c'])
  t.strictSame(silent(of({ 'a/b/1.ts': '', 'a/c/index.ts': '/** This. */' }), '| `a/b/` |'), [])
  t.strictSame(silent(src, map), [])
})

t.test('every test file is run, once', async (t) => {
  const folder = new URL('.', import.meta.url)
  const suites = readdirSync(new URL('suites/', folder)).filter((name) => name.endsWith('.test.ts'))
  const run = suites.flatMap((name) => {
    const text = readFileSync(new URL(`suites/${name}`, folder), 'utf8')
    const calls = text.matchAll(/^await runFolder\('([\w-]+)'(?:, \{ part: (\d+), of: (\d+) \})?\)$/gm)
    return [...calls].flatMap(([, name = '', part = 1, of = 1]) =>
      testsOf(name).filter((_, index) => index % Number(of) === Number(part) - 1),
    )
  })
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const all = folders.filter(({ name }) => name !== 'suites').flatMap(({ name }) => testsOf(name))
  t.strictSame(run.sort(), all.sort(), 'a new folder of tests needs a line in test/suites')
  t.ok(all.length > 100)
})
