/** What keeps the parts apart. Each rule is first shown to catch a made-up bad example, then applied to all of src. */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { OF_EVERY_LOOK, testsOf } from './suites/folder.ts'
import {
  anyTypes,
  asRooms,
  badDirections,
  CROWDED,
  crowded,
  cycles,
  exits,
  MOST_FILES,
  MOST_LINES,
  moduleCollections,
  moduleVariables,
  nonNull,
  of,
  tooLong,
} from './support/architecture.ts'
import { codeOf, importsOf, readSources, type Sources } from './support/source-scan.ts'

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
  const onceOnly = all.filter((file) => OF_EVERY_LOOK.test(file))
  t.ok(onceOnly.length > 5)
  t.strictSame(
    onceOnly.filter((file) => /\bLOOK\b/.test(readFileSync(new URL(file), 'utf8'))),
    [],
    'what follows TEST_LOOK is run on a phone as well',
  )
})
