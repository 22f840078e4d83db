/** What a person sees on the page of a device in Home Assistant: how much, and under which names. */
import t from 'tap'
import { MODELS } from '../../../src/catalog/index.ts'
import { LOCALES } from '../../../src/catalog/locales/index.ts'
import { bridgeDocument } from '../../../src/homeassistant/document/bridge.ts'
import { deviceDocument } from '../../../src/homeassistant/document/index.ts'
import type { DiscoveryDocument } from '../../../src/homeassistant/document/types.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { exampleAccount } from '../../support/fake-accounts.ts'
import { exampleView } from '../../support/fake-bridge.ts'

const topics = new Topics('thermo2mqtt')

function componentsOf(model: string, locale: (typeof LOCALES)[number] = 'en'): DiscoveryDocument['components'] {
  const view = exampleView(model)
  return deviceDocument({ view, topics, locale, version: '1', via: 'b' })?.components ?? {}
}

const on = (components: DiscoveryDocument['components']): string[] =>
  Object.entries(components).flatMap(([key, component]) =>
    'unique_id' in component && !('enabled_by_default' in component) ? [key] : [],
  )

const FLOOR = [
  'climate',
  'power',
  'energy',
  'problem',
  'unusual',
  'floor_temperature',
  'preheat',
  'child_lock',
  'problem_text',
  'event',
]
const BOOST = ['boost_minutes', 'timer_setpoint']
const AIR = ['air_temperature', 'window_open', 'open_window_detection']
const RELAY = ['power', 'energy', 'problem', 'unusual', 'relay', 'load', 'child_lock', 'problem_text', 'event']

/** What is on by default of each model, and nothing else. */
const ON: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['ax', 'sx', 'rx', 'bx', 'az', 'old', 'unknown'].map((model) => [model, [...FLOOR, ...BOOST, ...AIR]]),
  ),
  oz: [...FLOOR, ...BOOST, ...AIR, 'humidity'],
  ms: RELAY,
  d2w: [...RELAY, 'voltage', 'device_status', 'switch_on_remaining'],
}

t.test('on by default is only what somebody uses', async (t) => {
  const shown = Object.fromEntries(MODELS.map(({ id }) => [id, on(componentsOf(id)).sort()]))
  t.strictSame(shown, Object.fromEntries(Object.entries(ON).map(([id, keys]) => [id, [...keys].sort()])))
  const most = MODELS.map(({ id, kind }) => ({
    id,
    most: kind === 'thermostat' ? 20 : 12,
    has: shown[id]?.length ?? 99,
  }))
  t.strictSame(
    most.filter(({ most, has }) => has > most),
    [],
  )
})

t.test('of the bridge, that of two accounts is on, and a code is asked for only where it can be needed', async (t) => {
  const account = (id: string, takes_code: boolean) => exampleAccount({ id, takes_code })
  const accounts = [account('a', true), account('b', true), account('c', true), account('d', false)]
  const update = { available: false, latest_version: '1', release_url: '', release_summary: '' }
  const bridge = { version: '1', started: '', accounts, devices: { total: 1, online: 1 }, update }
  const { components } = bridgeDocument({ bridge, topics, locale: 'en', id: 'b' })
  const shown = ['connectivity', 'problem', 'update', 'house_mode']
  const expected = [...shown, ...['a', 'b'].flatMap((id) => [`sign_in_account_${id}`, `code_account_${id}`])]
  t.strictSame(on(components), expected)
  t.ok(expected.length <= 8, 'no more than a page has room for')
  t.ok('code_account_c' in components)
  t.notOk('code_account_d' in components)
})

/** Beside what is set, Home Assistant cuts a name off after about so many letters. */
const SEEN = 18

/** Names that look alike there. */
function alike(components: DiscoveryDocument['components']): string[] {
  const seen = new Map<string, string>()
  return Object.entries(components).flatMap(([key, component]) => {
    if (!('name' in component) || typeof component.name !== 'string') return []
    const start = component.name.slice(0, SEEN).toLowerCase()
    const other = seen.get(start)
    seen.set(start, key)
    return other === undefined ? [] : [`${key} and ${other} both begin with ${start}`]
  })
}

t.test('no two entities of a device look alike, in any language', async (t) => {
  const wrong = MODELS.flatMap(({ id }) =>
    LOCALES.flatMap((locale) => alike(componentsOf(id, locale)).map((what) => `${id} ${locale}: ${what}`)),
  )
  const bridge = {
    version: '1',
    started: '',
    accounts: [exampleAccount(), exampleAccount({ id: 'summer house' })],
    devices: { total: 1, online: 1 },
  }
  const ofBridge = LOCALES.flatMap((locale) => alike(bridgeDocument({ bridge, topics, locale, id: 'b' }).components))
  t.strictSame([...wrong, ...ofBridge], [])
})
