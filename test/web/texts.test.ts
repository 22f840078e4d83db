/** The texts of the page. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { datapointsOf, MODELS } from '../../src/catalog/index.ts'
import { SCHEMA } from '../../src/config/settings/index.ts'
import { isRow, leaves } from '../../src/config/settings/setting.ts'
import { ERRORS } from '../../src/core/errors.ts'
import { ACCOUNT_STATES } from '../../src/devices/ports.ts'
import { BROKER_PROBLEMS } from '../../src/mqtt/client/failures.ts'
import { isLanguage, preferred, Texts } from '../../src/web/i18n/index.ts'
import { en, ru, uk } from '../../src/web/i18n/texts/index.ts'
import { programOf } from '../../src/web/state/program.ts'
import { eachRow } from '../support/rows.ts'

const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()
const web = new URL('../../src/web/', import.meta.url)

t.test('every language has every text, with the same places to fill in', async (t) => {
  const english = new Map<string, string>(Object.entries(en))
  for (const [name, texts] of Object.entries({ uk, ru })) {
    t.strictSame(Object.keys(texts).sort(), Object.keys(en).sort(), name)
    eachRow(
      t,
      name,
      Object.entries(texts),
      ([key]) => key,
      ([key, text]) => {
        assert.deepEqual(places(text), places(english.get(key) ?? ''), 'its places')
        assert.notEqual(text.trim(), '', 'it says something')
      },
    )
  }
})

t.test('there is a text for what the bridge can say', async (t) => {
  const keys = new Set<string>(Object.keys(en))
  const points = MODELS.flatMap(datapointsOf)
  const words = points.filter(({ key }) => !['action', 'sensor_type', 'delay_model'].includes(key))
  const sayable: Readonly<Record<string, readonly string[]>> = {
    error: Object.keys(ERRORS),
    account: ACCOUNT_STATES,
    action: points.find(({ key }) => key === 'action')?.values ?? [],
    value: words.flatMap(({ values }) => values ?? []),
  }
  for (const [group, names] of Object.entries(sayable)) {
    t.ok(names.length > 0, group)
    t.strictSame(
      names.filter((name) => !keys.has(`${group}.${name}`)),
      [],
      group,
    )
  }
})

t.test('what can be set on the page has a name there', async (t) => {
  const keys = new Set<string>(Object.keys(en))
  const rows = [...leaves(SCHEMA)].filter(({ row }) => row.page)
  const items = rows.flatMap(({ row }) => (row.items ? [...leaves(row.items)] : []))
  const named = [...rows.filter(({ row }) => !row.items), ...items].map(({ key }) => `setting.${key}`)
  t.strictSame(
    named.filter((key) => !keys.has(key)),
    [],
  )
  const groups = Object.entries(SCHEMA).flatMap(([name, node]) => (isRow(node) ? [] : [`group.${name}`]))
  t.strictSame(
    groups.filter((key) => !keys.has(key)),
    [],
  )
  t.strictSame(
    BROKER_PROBLEMS.filter((problem) => !keys.has(`broker.${problem}`)),
    [],
  )
})

t.test('what stands in the audit log is said in words', async (t) => {
  const { paths } = JSON.parse(readFileSync(new URL('../../config/openapi.json', import.meta.url), 'utf8'))
  const operations = Object.values<Record<string, { operationId: string }>>(paths).flatMap((path) =>
    Object.entries(path).flatMap(([method, { operationId }]) => (method === 'get' ? [] : [`audit.${operationId}`])),
  )
  t.strictSame(
    [...operations, 'audit.diagnostics'].filter((key) => !Object.hasOwn(en, key)),
    [],
  )
})

t.test('sessions name the program, not all that it says', async (t) => {
  const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
  const said = {
    [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/140.0.0.0 Safari/537.36`]: 'Chrome · Linux',
    [`Mozilla/5.0 (Linux; Android 15) ${webkit} Chrome/140.0.0.0 Mobile Safari/537.36`]: 'Chrome · Android',
    [`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/140.0 Safari/537.36 Edg/140.0`]: 'Edge · Windows',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1': 'Safari · iPhone',
    'curl/8.5': 'curl/8.5',
    '<b>Chrome</b>': '<b>Chrome</b>',
  }
  t.strictSame(Object.keys(said).map(programOf), Object.values(said))
})

t.test('no text for people stands in the components', async (t) => {
  const files = readdirSync(new URL('view/', web), { recursive: true, encoding: 'utf8' })
  const parts = files.filter((file) => /\.tsx?$/.test(file))
  t.ok(parts.length > 30)
  for (const file of parts) {
    const source = readFileSync(new URL(`view/${file}`, web), 'utf8')
    const texts = [...source.matchAll(/^\s+([A-Z][a-z]+(?: [a-z]+)+)\s*$/gm), ...source.matchAll(/aria-label="/g)]
    t.strictSame(
      texts.map(([text]) => text.trim()),
      [],
      file,
    )
  }
})

t.test('texts, numbers and times in the language chosen', async (t) => {
  t.equal(preferred(['de-AT', 'uk-UA', 'en']), 'uk')
  t.equal(preferred(['de']), 'en')
  t.notOk(isLanguage('constructor'))
  t.notOk(isLanguage(null))
  const texts = new Texts('en')
  t.equal(texts.say('accounts.devices', { count: 3 }), 'Devices: 3')
  t.equal(texts.say('accounts.devices'), 'Devices: {count}', 'what is not given stays to be seen')
  t.equal(texts.lookUp('value', 'heat'), 'heat')
  t.equal(texts.lookUp('value', '<b>10 kΩ</b>'), '<b>10 kΩ</b>')
  t.equal(texts.number(21.5, 1), '21.5')
  t.equal(texts.time(null), 'never')
  t.match(texts.time('2026-01-02T03:04:00Z'), '2026')
  const british = new Texts('en', ['uk-UA', 'en-GB'])
  t.match(british.time('2026-01-22T15:04:00'), /^22 Jan 2026, 15:04$/, 'as in the region of the reader')
  const point = { key: 'floor_temperature', name: 'Floor temperature', text: 'Temperature at the floor sensor.' }
  t.strictSame(texts.datapoint(point), { name: point.name, text: point.text })
  texts.language.value = 'uk'
  t.equal(texts.number(21.5, 1), '21,5')
  t.equal(texts.say('app.house'), 'Дім')
  t.not(texts.datapoint(point).name, point.name)
  t.strictSame(texts.datapoint({ ...point, key: 'new' }), { name: point.name, text: point.text })
})
