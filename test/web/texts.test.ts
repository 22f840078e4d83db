/** The texts of the page. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { datapointsOf, MODELS } from '../../src/catalog/index.ts'
import { SCHEMA } from '../../src/config/settings/index.ts'
import { isRow, leaves } from '../../src/config/settings/setting.ts'
import { ERRORS } from '../../src/core/errors.ts'
import { ACCOUNT_STATES } from '../../src/devices/ports.ts'
import { BROKER_PROBLEMS } from '../../src/mqtt/client/failures.ts'
import { isLanguage, LANGUAGES, type Language, preferred, Texts } from '../../src/web/i18n/index.ts'
import { spokenIn } from '../../src/web/i18n/languages.ts'
import { readNumber } from '../../src/web/i18n/typed-number.ts'
import { programOf } from '../../src/web/state/program.ts'
import { faultsBeside, faultsOfTexts } from '../support/texts.ts'

const web = new URL('../../src/web/', import.meta.url)
const folder = new URL('i18n/texts/', web)

t.test('every language has every text in the same order, with the same places to fill in', async (t) => {
  const english = { 'a.one': 'One {n}', 'a.two': 'Two', 'b.one': 'Three' }
  t.strictSame(faultsBeside(english, { 'a.one': '{n} 1', 'a.two': '2', 'b.one': '3' }), [])
  t.strictSame(faultsBeside(english, { 'a.two': ' ', 'a.one': '{m} 1', 'c.one': '3' }), [
    'b.one is missing',
    'c.one is none of the English file',
    'a.one has other {places} than in English',
    'a.two says nothing',
    'a.two stands in another place than in English',
  ])
  t.strictSame(faultsBeside({ 'a.one': '{n} {n:day|days}' }, { 'a.one': '{n} {n:dzień|dni|dni|dnia}' }, 'pl'), [])
  t.strictSame(
    [
      ['{n} {n:dzień|dni}', 'pl'],
      ['{n} {m:Tag|Tage}', 'de'],
      ['{n} {n:Tag|}', 'de'],
    ].flatMap(([text = '', language]) => faultsBeside({ 'a.one': '{n}' }, { 'a.one': text }, language)),
    ['{n:dzień|dni}', '{m:Tag|Tage}', '{n:Tag|}'].map((place) => `a.one has no good forms in ${place}`),
  )
  t.strictSame(
    readdirSync(folder).sort(),
    LANGUAGES.map(({ language }) => `${language}.json`).sort(),
    'each file is of a language',
  )
  t.strictSame(faultsOfTexts(folder), [])
})

t.test('texts about one subject stand together', async (t) => {
  const subjects = Object.keys(JSON.parse(readFileSync(new URL('en.json', folder), 'utf8'))).map(
    (key) => key.split('.')[0],
  )
  const begun = subjects.filter((subject, at) => subject !== subjects[at - 1])
  t.strictSame(
    begun.filter((subject, at) => begun.indexOf(subject) !== at),
    [],
  )
})

t.test('no text is left that nothing says', async (t) => {
  const files = readdirSync(web, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
  const source = files.map((file) => readFileSync(new URL(file, web), 'utf8')).join('\n')
  const named = (form: RegExp) => [...source.matchAll(form)].map(([, name = '']) => name)
  const said = new Set(named(/['"]([\w.]+)['"]/g))
  // A word for one of several is found by the name of its group.
  const groups = [...named(/`([\w.]+\.)\$\{/g), ...named(/(?:lookUp|known)\(\s*'([\w.]+)'/g).map((name) => `${name}.`)]
  const isSaid = (key: string) => said.has(key) || groups.some((group) => key.startsWith(group))
  const keys = Object.keys(JSON.parse(readFileSync(new URL('en.json', folder), 'utf8')))
  t.notOk(isSaid('nothing.at.all'))
  t.strictSame(
    keys.filter((key) => !isSaid(key)),
    [],
  )
})

t.test('there is a text for what the bridge can say', async (t) => {
  const keys = new Set<string>(Object.keys((await spokenIn('en')).texts))
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
  const keys = new Set<string>(Object.keys((await spokenIn('en')).texts))
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
  const { texts } = await spokenIn('en')
  const { paths } = JSON.parse(readFileSync(new URL('../../config/openapi.json', import.meta.url), 'utf8'))
  const operations = Object.values<Record<string, { operationId: string }>>(paths).flatMap((path) =>
    Object.entries(path).flatMap(([method, { operationId }]) => (method === 'get' ? [] : [`audit.${operationId}`])),
  )
  t.strictSame(
    [...operations, 'audit.diagnostics'].filter((key) => !Object.hasOwn(texts, key)),
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
  t.equal(preferred(['fi-FI', 'uk-UA', 'de']), 'uk')
  t.equal(preferred(['de-AT', 'en']), 'de')
  t.equal(preferred(['fi']), 'en')
  t.notOk(isLanguage('constructor'))
  t.notOk(isLanguage(null))
  const texts = await Texts.in('en')
  t.equal(texts.say('accounts.devices', { count: 3 }), 'Devices: 3')
  t.equal(texts.say('accounts.devices'), 'Devices: {count}', 'what is not given stays to be seen')
  t.equal(texts.lookUp('value', 'heat'), 'heat')
  t.equal(texts.lookUp('value', '<b>10 kΩ</b>'), '<b>10 kΩ</b>')
  t.equal(texts.label({ key: 'lock' }, 'lan'), 'local network', 'though the page has a sentence for it')
  t.equal(texts.number(21.5, 1), '21.5')
  t.equal(texts.time(null), 'never')
  t.match(texts.time('2026-01-02T03:04:00Z'), '2026')
  const british = await Texts.in('en', ['uk-UA', 'en-GB'])
  t.match(british.time('2026-01-22T15:04:00'), /^22 Jan 2026, 15:04$/, 'as in the region of the reader')
  const point = { key: 'floor_temperature', name: 'Floor temperature', text: 'Temperature at the floor sensor.' }
  t.strictSame(texts.datapoint(point), { name: point.name, text: point.text })
  await texts.speak('uk')
  t.equal(texts.number(21.5, 1), '21,5')
  t.equal(texts.say('app.house'), 'Дім')
  t.not(texts.datapoint(point).name, point.name)
  t.strictSame(texts.datapoint({ ...point, key: 'new' }), { name: point.name, text: point.text })
})

t.test('the language chosen last is spoken, whichever is loaded first', async (t) => {
  const texts = await Texts.in('en')
  await Promise.all([texts.speak('uk'), texts.speak('ru')])
  t.equal(texts.language, 'ru')
  t.equal(texts.say('app.house'), 'Дом')
})

t.test('what goes with a number has the form that the language has for it', async (t) => {
  const said = async (language: Language) => {
    const texts = await Texts.in(language)
    return [1, 2, 5, 22, 1.5].map((days) => texts.say('security.forDays', { days }))
  }
  t.strictSame(await said('en'), ['for 1 day', 'for 2 days', 'for 5 days', 'for 22 days', 'for 1.5 days'])
  t.strictSame(await said('de'), ['für 1 Tag', 'für 2 Tage', 'für 5 Tage', 'für 22 Tage', 'für 1,5 Tage'])
  t.strictSame(await said('pl'), ['1 dzień', '2 dni', '5 dni', '22 dni', '1,5 dnia'])
  t.strictSame(await said('uk'), ['1 день', '2 дні', '5 днів', '22 дні', '1,5 дня'])
  t.strictSame(await said('ru'), ['1 день', '2 дня', '5 дней', '22 дня', '1,5 дня'])
})

t.test('numbers, units, times and weeks as the language and the region have them', async (t) => {
  const of = async (language: Language, regions: readonly string[]) => {
    const texts = await Texts.in(language, regions)
    const said = [texts.quantity(21.5, '°C'), texts.quantity(1234.5, 'kWh'), texts.percent(0.5), texts.clock('15:04')]
    return [...said, texts.week(['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'])[0]].map((text) => text?.replace(/\s/g, '_'))
  }
  t.strictSame(await of('en', ['en-GB']), ['21.5_°C', '1,234.5_kWh', '50%', '15:04', 'Mo'])
  t.strictSame(await of('en', ['en-US']), ['21.5_°C', '1,234.5_kWh', '50%', '03:04_PM', 'Su'])
  t.strictSame(await of('de', ['de-DE']), ['21,5_°C', '1.234,5_kWh', '50_%', '15:04', 'Mo'])
  t.strictSame(await of('pl', ['pl-PL']), ['21,5_°C', '1234,5_kWh', '50%', '15:04', 'Mo'])
  t.strictSame(await of('uk', ['uk-UA']), ['21,5_°C', '1_234,5_кВт·год', '50%', '15:04', 'Mo'])
  t.strictSame(await of('ru', []), ['21,5_°C', '1_234,5_кВт·ч', '50_%', '15:04', 'Mo'])
  t.strictSame(
    await of('en', ['uk-UA', 'ru']),
    ['21.5_°C', '1,234.5_kWh', '50%', '15:04', 'Mo'],
    'clock and week of where the reader lives, in whichever language',
  )
  const texts = await Texts.in('de', ['de-DE'])
  t.equal(texts.say('list.shown', { n: 1500, all: 2000 }), 'Angezeigt: 1.500 von 2.000.')
  t.equal(texts.field(1234.5), '1234,5', 'a field has no thousands')
  t.equal(texts.clock('24:00'), '24:00', 'no time of this day')
  t.equal(texts.names(['Bad', 'Flur', 'Küche']), 'Bad, Flur und Küche')
})

t.test('people type numbers with a comma or a point', async (t) => {
  const read = {
    '21,5': 21.5,
    '21.5': 21.5,
    ' -0,5 ': -0.5,
    '−2': -2,
    '7': 7,
    ',5': 0.5,
    '5,': 5,
    '0,125': 0.125,
    '1 500': 1500,
  }
  for (const locale of ['en-US', 'de-DE', 'uk-UA'])
    t.strictSame(
      Object.keys(read).map((text) => readNumber(text, locale)),
      Object.values(read),
      locale,
    )
  const none = ['', ' ', '-', ',', '1,2,3', '1.2.3', '1,2.3', '12a', '1e5', '0x10', 'Infinity', 'NaN', '٣', '5 °C']
  t.strictSame(
    none.filter((text) => readNumber(text, 'de') !== undefined),
    [],
  )
  t.equal(readNumber('1,500', 'en-US'), undefined, 'a thousand and a half, or one and a half')
  t.equal(readNumber('1.500', 'de-DE'), undefined)
  t.equal(readNumber('1.500', 'en-US'), 1.5)
})
