/** What the documents name exists: commands, settings, routes, topics, error codes. */

import t from 'tap'
import Schema from 'typebox/schema'
import { parse } from 'yaml'
import { usage } from '../../src/commands/console/help.ts'
import { COMMANDS } from '../../src/commands/index.ts'
import { jsonSchema } from '../../src/config/documents/json-schema.ts'
import { ACCOUNT, DEVICE } from '../../src/config/settings/accounts.ts'
import { SCHEMA } from '../../src/config/settings/index.ts'
import { isRow, leaves, type Section } from '../../src/config/settings/setting.ts'
import { ERRORS } from '../../src/core/errors.ts'
import { Topics } from '../../src/mqtt/topics.ts'
import { VirtualHouse } from '../../src/simulator/index.ts'
import { spokenIn } from '../../src/web/i18n/languages.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { blocks, codes, exists, PAGES, prose, read, tables } from './support.ts'

/** What users read, and all that is looked through for names. */
const pages = PAGES.map(read).join('\n')
const said = [pages, ...['src/README.md', 'src/DECISIONS.md', 'SECURITY.md', 'CHANGELOG.md'].map(read)].join('\n')
const shell = blocks(said, 'sh').join('\n').replaceAll('\\\n', ' ')
const commands = [...shell.split('\n'), ...codes(said)].map((line) => line.trim()).filter((line) => line !== '')

t.test('npm scripts exist', async (t) => {
  const { scripts } = JSON.parse(read('package.json'))
  const named = commands.flatMap((line) => {
    const [, script] = /^npm (?:run )?([a-z]+)/.exec(line) ?? []
    return script === undefined || ['ci', 'version'].includes(script) ? [] : [script]
  })
  for (const name of ['demo', 'start', 'test', 'check', 'bench', 'generate']) t.ok(named.includes(name), name)
  for (const name of named) t.type(scripts[name], 'string', name)
})

t.test('commands of the program exist, each is explained, and so are its options', async (t) => {
  const program = /(?:^|exec thermo2mqtt )(?:thermo2mqtt|node_modules\/\.bin\/node dist\/main\.js) (?!.*\/)(\S+)/
  const named = commands.flatMap((line) => program.exec(line)?.[1] ?? [])
  for (const name of Object.keys(COMMANDS)) t.ok(named.includes(name), name)
  for (const name of named) {
    if (name.startsWith('--')) t.ok(usage().includes(name), name)
    else t.ok(Object.hasOwn(COMMANDS, name), name)
  }
  for (const [, option = ''] of said.matchAll(/npm run demo -- (--[a-z]+)/g)) t.ok(usage().includes(option), option)
})

t.test('files that commands take exist', async (t) => {
  const files = commands.flatMap((line) => /^cp (\S+) /.exec(line)?.[1] ?? [])
  t.ok(files.length >= 2)
  for (const path of files) t.ok(exists(path), path)
})

t.test('files that the documents name exist', async (t) => {
  const named = codes(said).filter((code) => /^[a-z]+\/[\w./-]+\.[a-z]+$/.test(code))
  t.ok(named.length > 20)
  // Made by people, and not in the repository.
  const own = new Set(['config/local.yaml'])
  for (const path of named) t.ok(own.has(path) || exists(path) || exists(`src/${path}`), path)
})

t.test('compose is asked for services that it has', async (t) => {
  const { services, volumes } = parse(read('docker-compose.yml'))
  const asked = commands.flatMap((line) => /^docker compose (?:logs|exec|up .*--no-deps) (\S+)/.exec(line)?.[1] ?? [])
  t.ok(asked.length >= 2)
  for (const name of asked) t.ok(Object.hasOwn(services, name), name)
  t.ok(Object.hasOwn(volumes, 'thermo2mqtt'), 'the volume of the data')
  for (const name of ['MQTT_USERNAME', 'MQTT_PASSWORD', 'T2M_API_ADMIN_PASSWORD', 'T2M_MQTT_URL']) {
    t.match(read('docker/env.example'), new RegExp(`^${name}=`, 'm'))
    t.ok(pages.includes(name), name)
  }
})

/** Names of files that look like names of settings. */
const FILES = new Set(['backup.json', 'store.key', 'config.yaml', 'config.ts', 'energy.ts', 'history.db'])

function settings(): { keys: Set<string>; variables: Set<string> } {
  const keys = new Set<string>()
  const variables = new Set(['T2M_CONFIG'])
  const add = (section: Section, prefix: string) => {
    for (const { key, row } of leaves(section)) {
      keys.add(`${prefix}${key}`)
      if (row.env !== undefined) variables.add(row.env).add(`${row.env}_FILE`)
    }
    for (const [name, node] of Object.entries(section)) if (!isRow(node)) keys.add(`${prefix}${name}`)
  }
  add(SCHEMA, '')
  add(ACCOUNT, 'cloud.accounts[].')
  add(DEVICE, 'devices[].')
  return { keys, variables }
}

t.test('settings and their variables exist', async (t) => {
  const { keys, variables } = settings()
  const named = codes(said).filter((code) => {
    const [section = ''] = code.split(/[.[]/)
    return /^[a-z_]+(\[\])?(\.[a-z_]+(\[\])?)+$/.test(code) && Object.hasOwn(SCHEMA, section) && !FILES.has(code)
  })
  for (const name of ['mqtt.url', 'api.host', 'devices[].totp_key']) t.ok(named.includes(name), name)
  for (const name of named) t.ok(keys.has(name), name)
  // What begins with T2M_TEST_ is of the tests.
  const used = [...said.matchAll(/\bT2M_(?!TEST_)[A-Z_]+/g)].map(([name]) => name)
  t.ok(used.length > 2)
  for (const name of used) t.ok(variables.has(name), name)
})

t.test('files of settings are taken', async (t) => {
  const files = blocks(pages, 'yaml')
  t.ok(files.length >= 5)
  for (const file of files) t.ok(Schema.Check(jsonSchema(), parse(file)), file)
})

t.test('routes exist', async (t) => {
  const { paths } = JSON.parse(read('config/openapi.json'))
  const named = [...prose(said).matchAll(/\b(GET|POST|PUT|PATCH) (\/[\w/{}]+)/g)]
  t.ok(named.length >= 2)
  for (const [both, method = '', path = ''] of named) t.ok(paths[path]?.[method.toLowerCase()], both)
  for (const path of ['/healthz', '/readyz']) t.ok(Object.hasOwn(paths, path) && pages.includes(path), path)
})

t.test('the commands are for the first thermostat of the demo, on topics of the bridge', async (t) => {
  const [first] = new VirtualHouse({ clock: new FakeClock(), thermostats: 5 }).thermostats
  const topics = new Topics('thermo2mqtt')
  // No command is retained: what is, is for others.
  const published = [...shell.matchAll(/mosquitto_pub (?!.* -r ).*?-t '?([^\s']+)/g)].map(([, topic = '']) =>
    topics.parse(topic),
  )
  t.ok(published.length >= 2)
  for (const incoming of published) t.match(incoming, { id: first?.serial })
  const called = [...shell.matchAll(/\/api\/v1\/devices\/(\w+)/g)].map(([, serial]) => serial)
  t.same(new Set(called), new Set([first?.serial]))
})

t.test('every error code is explained, once, and no other', async (t) => {
  const rows = tables(pages)
    .flat()
    .filter(([code = '', ...rest]) => /^`[A-Z_]+`$/.test(code) && rest.length >= 2)
  t.same(rows.map(([code = '']) => code.replaceAll('`', '')).sort(), Object.keys(ERRORS).sort())
  for (const [code = '', , meaning = '', remedy = ''] of rows) t.ok(meaning.length > 20 && remedy.length > 10, code)
})

t.test('what is in italics stands on the page of the bridge', async (t) => {
  const shown = new Set<string>(Object.values((await spokenIn('en')).texts))
  const text = prose(pages).replace(/`[^`\n]+`/g, '')
  const named = [...text.matchAll(/(?<![*\w])\*([^*\n]+)\*(?!\*)/g)].map(([, text = '']) => text)
  t.ok(named.length > 15)
  t.same(
    named.filter((text) => !shown.has(text)),
    [],
  )
})

t.test('no place was left to be filled', async (t) => {
  t.same(said.match(/@@\w+|TODO|FIXME|TBD/g), null)
})
