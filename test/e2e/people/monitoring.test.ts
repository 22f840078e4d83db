/** Dashboard and alert rules against what a running bridge really tells Prometheus. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { type Family, objections, parseExposition, type Sample } from '../../support/contracts/exposition.ts'
import { at } from '../../support/contracts/openapi-client.ts'
import { accountsOf, devicesOf, eventually, startBridge, startHouse } from '../../support/e2e.ts'

const text = (path: string) => readFileSync(new URL(`../../../docker/${path}`, import.meta.url), 'utf8')

/** What Prometheus adds to each sample by itself. */
const ADDED = ['job', 'instance']
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset'])

interface Selector {
  readonly name: string
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[]
}

/** The series that an expression asks for, and the labels that it joins and groups by. */
function parts(expression: string): { selectors: Selector[]; labels: string[] } {
  const labels: string[] = []
  const rest = expression.replace(/\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)/g, (_, names) => {
    labels.push(...String(names).split(/\s*,\s*/))
    return ' '
  })
  const selectors: Selector[] = []
  for (const [, name = '', inside = '', call] of rest.matchAll(
    /(?<![\w."])([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?(\s*\()?/g,
  )) {
    if (call !== undefined || WORDS.has(name)) continue
    const matchers = [...inside.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(
      ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
    )
    selectors.push({ name, matchers })
    if (rest.includes(`${name}{`) && inside === '') throw new SyntaxError(`cannot read ${expression}`)
  }
  return { selectors, labels }
}

/** What an expression asks for that is not there. */
function missing(expression: string, families: ReadonlyMap<string, Family>): string[] {
  const samples = new Map<string, Sample[]>([['up', [{ name: 'up', labels: {}, value: 1 }]]])
  for (const family of families.values()) {
    for (const sample of family.samples) samples.set(sample.name, [...(samples.get(sample.name) ?? []), sample])
  }
  const { selectors, labels } = parts(expression)
  const known = new Set([
    ...ADDED,
    ...selectors.flatMap(({ name }) => (samples.get(name) ?? []).flatMap(({ labels: own }) => Object.keys(own))),
  ])
  return [
    ...labels.filter((label) => !known.has(label)).map((label) => `no label ${label} in ${expression}`),
    ...selectors.flatMap(({ name, matchers }) => {
      const found = samples.get(name)
      if (!found) return [`no ${name}`]
      return matchers.flatMap(({ label, value }) => {
        // Chosen on the dashboard, or told by Prometheus.
        const values = new Set(found.map((sample) => sample.labels[label]))
        if (ADDED.includes(label) || (value.startsWith('$') && !values.has(undefined))) return []
        return values.has(value) ? [] : [`no ${name}{${label}="${value}"}`]
      })
    }),
  ]
}

/** Every value of `key`, however deep. */
function all(value: unknown, key: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => all(item, key))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, item]) =>
    name === key && typeof item === 'string' ? [item] : all(item, key),
  )
}

t.test('every expression asks for what there is', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }, { model: 'oz' }] })
  const bridge = await startBridge(t, {
    settings: {
      cloud: { accounts: accountsOf(house) },
      devices: devicesOf(house),
      discovery: { enabled: true },
      backup: { passphrase: 'four words that nobody guesses' },
    },
  })
  await bridge.online(...house.thermostats.map(({ serial }) => serial))
  const scrape = async () => parseExposition((await bridge.rest('GET', '/metrics')).text)
  const families = await eventually('everything was counted once', async () => {
    const now = await scrape()
    // The event loop is watched from the first scrape on.
    const there = [
      'thermo2mqtt_device_energy_joules_total',
      'thermo2mqtt_account_last_sync_timestamp_seconds',
      'nodejs_eventloop_lag_p99_seconds',
    ]
    return there.every((name) => now.has(name)) && now
  })
  t.strictSame(objections(new Map([...families].filter(([name]) => name.startsWith('thermo2mqtt_')))), [])

  const dashboard: unknown = parseJson(text('grafana/thermo2mqtt.json'))
  const panels = all(dashboard, 'expr')
  t.ok(panels.length > 30)
  const asked = all(dashboard, 'definition').map((query) => /^label_values\((.*), \w+\)$/.exec(query)?.[1] ?? query)
  const rules: unknown = parse(text('prometheus/alerts.yml'))
  const alerts = all(rules, 'expr')
  t.ok(alerts.length >= 16)
  t.strictSame(
    [...panels, ...asked, ...alerts].flatMap((expression) => missing(expression, families)),
    [],
  )
  t.ok(
    missing('sum by (colour) (thermo2mqtt_device_up{serial="x"}) / nothing', families).length === 3,
    'and it would tell',
  )
})

t.test('alerts name only labels that their expressions have', async (t) => {
  const rules: unknown = parse(text('prometheus/alerts.yml'))
  const groups: unknown = at(rules, 'groups')
  const flat = (Array.isArray(groups) ? groups : []).flatMap((group) => at(group, 'rules')).filter(isObject)
  const names = flat.map(({ alert }) => alert)
  t.ok(names.length >= 16)
  t.strictSame(names, [...new Set(names)])
  const wrong = flat.flatMap(({ alert, expr, annotations }) => {
    const used = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label)
    const joined = /group_left \(name\)/.test(String(expr)) ? ['name'] : []
    const own = String(expr).includes('device_fault') ? ['fault', 'kind'] : []
    const account = String(expr).includes('account_') ? ['account'] : []
    const problem = String(expr).includes('store_problem') ? ['problem'] : []
    const has = new Set([...joined, ...own, ...account, ...problem, 'serial'])
    return used.filter((label) => !has.has(label)).map((label) => `${alert}: ${label}`)
  })
  t.strictSame(wrong, [])
  t.ok(
    flat.every(
      ({ annotations, labels }) =>
        at(annotations, 'summary') && at(annotations, 'description') && at(labels, 'severity'),
    ),
  )
})
