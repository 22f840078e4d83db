import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import Schema from 'typebox/schema'
import { parse } from 'yaml'
import { DOCUMENTS } from '../../config/documents.ts'
import { main, staleDocuments, writeDocuments } from '../../config/generate.ts'
import { formatJson } from '../../config/json.ts'
import { example } from '../../src/config/documents/example.ts'
import { jsonSchema } from '../../src/config/documents/json-schema.ts'
import { reference } from '../../src/config/documents/reference.ts'
import { ACCOUNT, DEVICE, PROVIDERS } from '../../src/config/settings/accounts.ts'
import { SCHEMA } from '../../src/config/settings/index.ts'
import { leaves, type Section } from '../../src/config/settings/setting.ts'
import { load } from './support.ts'

/** As somebody does who takes the # away from every setting. */
const uncommented = (): string => example().replace(/^( *)#(?!#| yaml)/gm, '$1')

t.test('the example as it is changes nothing', async (t) => {
  const { settings, warnings } = await load({ file: example() })
  t.same(settings, (await load({})).settings)
  t.same(warnings, [])
})

t.test('the example with everything set is taken, and sets everything', async (t) => {
  const { settings, origins, warnings } = await load({ file: uncommented() })
  t.same(warnings, [])
  t.same(
    settings.cloud.accounts.map((account) => account.provider),
    PROVIDERS,
  )
  for (const { key } of leaves(SCHEMA)) t.match(origins.get(key), /^configuration file/, key)
  for (const { key } of leaves(DEVICE)) t.match(origins.get(`devices[0].${key}`), /^configuration file/, key)
})

t.test('the accounts of the reference are taken', async (t) => {
  const [, block = ''] = /```yaml\n([^`]*)```/.exec(reference()) ?? []
  const { settings, warnings } = await load({ file: block })
  t.equal(settings.cloud.accounts.length, PROVIDERS.length)
  t.same(warnings, [])
})

t.test('the JSON Schema agrees with the loader', async (t) => {
  const schema = jsonSchema()
  const fits = (file: string): boolean => Schema.Check(schema, parse(file))
  const good = [
    example(),
    uncommented(),
    'mqtt: {url: "mqtt://a,mqtt://b"}',
    'device: {timeout: 1500}',
    'mqtt: {url: ""}',
  ]
  for (const file of good) {
    t.ok(fits(file), file.slice(0, 40))
    t.resolves(load({ file }))
  }
  const bad = [
    'lgo: {}',
    'api: {port: high}',
    'api: {port: 65536}',
    'api: {admin_password: short}',
    'log: {level: loud}',
    'mqtt: {url: broker}',
    'mqtt: {url: ["mqtt://me:pw@a"]}',
    'mqtt: {username: 5}',
    'device: {timeout: soon}',
    'device: {timeout: 1}',
    'discovery: {enabled: "maybe"}',
    'devices: [{}]',
    'devices: [{serial: a/b}]',
    'devices: [{serial: abcd1, totp_key: short}]',
    'cloud: {accounts: [{provider: acme, username: a, password: b}]}',
    'cloud: {accounts: [{provider: terneo}]}',
    'cloud: {accounts: [null]}',
  ]
  for (const file of bad) {
    t.notOk(fits(file), file)
    await t.rejects(load({ file }), { name: 'SettingsError' }, file)
  }
})

t.test('the schema describes every setting, and marks the secret ones', async (t) => {
  const propertyOf = (schema: unknown, key: string): unknown =>
    key.split('.').reduce<unknown>((at, name) => Object(Object(at).properties)[name], schema)
  const check = (section: Section, schema: unknown) => {
    for (const { key, row } of leaves(section)) {
      const property = Object(propertyOf(schema, key))
      t.equal(property.description, row.doc, key)
      t.equal(property.writeOnly === true, row.sensitive, key)
      if (row.items) check(row.items, property.items)
    }
  }
  check(SCHEMA, jsonSchema())
})

t.test('the reference names every setting, variable and secret file', async (t) => {
  const text = reference()
  for (const [section, prefix] of [
    [SCHEMA, ''],
    [ACCOUNT, 'cloud.accounts[].'],
    [DEVICE, 'devices[].'],
  ] as const) {
    for (const { key, row } of leaves(section)) {
      t.ok(text.includes(`| \`${prefix}${key}${row.items ? '[]' : ''}\``), key)
      if (row.env !== undefined) t.ok(text.includes(`\`${row.env}\``), row.env)
    }
  }
})

/** The line of CONTRIBUTING.md about a file. */
function noteOf(path: string): string {
  const lines = readFileSync(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8').split('\n')
  return lines.find((line) => line.includes(`\`${path}\``)) ?? ''
}

t.test('generated files are fresh, and say what they are', async (t) => {
  t.same(await staleDocuments(), [])
  for (const { path, make } of DOCUMENTS) {
    // A file for translators holds texts only, since their tools would take a note for one.
    const note = path.includes('/locales/') ? noteOf(path) : (await make()).slice(0, 500)
    t.match(note, 'npm run generate', path)
  }
})

t.test('the generator writes what is not fresh, and says so', async (t) => {
  const top = t.testdir()
  const documents = [
    { path: 'a/one.md', make: () => 'one\n' },
    { path: 'two.md', make: async () => 'two\n' },
  ]
  t.same(await writeDocuments(top, documents), ['a/one.md', 'two.md'])
  t.equal(readFileSync(join(top, 'a/one.md'), 'utf8'), 'one\n')
  t.same(await staleDocuments(top, documents), [])
  writeFileSync(join(top, 'two.md'), 'old')
  t.same(await staleDocuments(top, documents), ['two.md'])
  t.same(await writeDocuments(top, documents), ['two.md'])
  await t.rejects(staleDocuments(top, [{ path: 'a', make: () => '' }]), { code: 'EISDIR' })
})

t.test('--check fails and names the stale files; without it they are written', async (t) => {
  const top = t.testdir()
  const said: string[] = []
  const say = (line: string) => said.push(line)
  t.equal(await main(['--check'], say, top), 1)
  t.ok(said.includes('config/schema.json is not fresh: run npm run generate'))
  said.length = 0
  t.equal(await main([], say, top), 0)
  t.ok(said.includes('config/README.md written'))
  t.equal(await main(['--check'], say, top), 0)
})

t.test('JSON is written as the formatter would', async (t) => {
  t.equal(
    formatJson({ a: [], b: {}, c: [1, ['x']], d: undefined, e: [{ f: null }] }),
    `{
  "a": [],
  "b": {},
  "c": [1, ["x"]],
  "e": [
    {
      "f": null
    }
  ]
}
`,
  )
  t.match(formatJson({ long: Array(30).fill('word') }), /\[\n {4}"word",\n/)
})
