import t, { type Test } from 'tap'
import { HistoryRecorder } from '../../../src/history/recorder.ts'
import { openHistory } from '../../../src/store/tables/history.ts'
import { TARIFF } from '../../history/rig.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { ask, codeOf, fakes, type Running, running } from '../support.ts'

const MINUTE = 60_000
const PATH = `/api/v1/devices/${EXAMPLE_SERIAL}/history`

/** A server with a quarter of an hour of a thermostat: ten minutes of heating, then none. The clock began at noon. */
async function withHistory(t: Test): Promise<Pick<Running, 'port' | 'devices'>> {
  const { clock, devices, logger } = fakes()
  const open = () => openHistory({ dataDir: t.testdir(), clock, logger })
  const keep = 3650 * 24 * 60 * MINUTE
  const history = new HistoryRecorder({ clock, logger, devices, enabled: true, keep, tariff: TARIFF, open })
  const api = await running({ history, devices, clock })
  t.teardown(async () => {
    await api.close()
    history.stop()
  })
  history.start()
  devices.add(exampleView('ax', { name: '=cmd|calc' }))
  const show = (state: object) => devices.update(EXAMPLE_SERIAL, { state: { ...state } })
  show({ floor_temperature: 20.005, current_temperature: 20.005, load: true, power: 1200 })
  await clock.advance(10 * MINUTE)
  show({ floor_temperature: 24, current_temperature: 24, load: false, power: 0 })
  await clock.advance(5 * MINUTE)
  return { port: api.port, devices }
}

t.test('a range as JSON', async (t) => {
  const { port } = await withHistory(t)
  const { status, json, headers } = await ask(port, `${PATH}?from=2026-01-15T12:00:00Z&step=5m`)
  t.equal(status, 200)
  t.match(headers, { 'content-type': /^application\/json/, vary: /Accept/ })
  const five = { known: 300, floor_temperature: 20.01, load: 1, power: 1200, energy: 12.34, target_temperature: 24 }
  t.match(json, {
    serial: EXAMPLE_SERIAL,
    recording: true,
    from: '2026-01-15T12:00:00.000Z',
    to: '2026-01-15T12:15:00.000Z',
    step: 300,
    samples: [
      { ...five, at: '2026-01-15T12:00:00.000Z' },
      { ...five, at: '2026-01-15T12:05:00.000Z' },
      { at: '2026-01-15T12:10:00.000Z', floor_temperature: 24, floor_temperature_min: 24, load: 0, power: 0 },
    ],
  })
  t.notMatch(JSON.stringify(json), /voltage/, 'what it never has is left out')
  const samplesOf = async (query: string) => {
    const answer = (await ask(port, `${PATH}${query}`)).json as {
      step: number
      samples: { at: string; known: number }[]
    }
    return { step: answer.step, known: answer.samples.map(({ known }) => known) }
  }
  const expected: readonly (readonly [query: string, step: number, known: readonly number[]])[] = [
    ['?step=1h', 3600, [900]],
    ['?from=-10m&step=5m', 300, [300, 300]],
    ['?from=1768478400&to=1768478700.5&step=300s', 300, [300, 1]],
    ['?from=2026-01-15T14:10:00%2B02:00&step=5m', 300, [300]],
    ['?from=-3d&to=2026-01-15T12:10:00Z&step=10s', 300, [300, 300]],
    ['?from=-60d&step=1m', 3600, [900]],
    ['?from=-3d', 300, [300, 300, 300]],
    ['?from=-7m&step=7m', 600, [600, 300]],
    ['?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z', 3600, []],
  ]
  const failures = []
  for (const [query, step, known] of expected) {
    const got = await samplesOf(query)
    if (JSON.stringify(got) !== JSON.stringify({ step, known })) failures.push({ query, got })
  }
  t.strictSame(failures, [])
})

t.test('as CSV: numbers and times, and nothing that anybody has named', async (t) => {
  const { port } = await withHistory(t)
  const csv = await ask(port, `${PATH}?from=-15m&step=5m&format=csv`)
  t.match(csv.headers, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${EXAMPLE_SERIAL}-2026-01-15-2026-01-15.csv"`,
  })
  const lines = csv.text.split('\r\n')
  t.equal(
    lines[0],
    'at,known,current_temperature,current_temperature_min,current_temperature_max,target_temperature,floor_temperature,floor_temperature_min,floor_temperature_max,air_temperature,air_temperature_min,air_temperature_max,load,power,energy,voltage,voltage_min,voltage_max',
  )
  t.match(lines[1], /^2026-01-15T12:00:00\.000Z,300,20\.01,20\.01,20\.01,24,/)
  t.equal(lines.length, 5, 'a line each, and the last ends too')
  t.equal(lines.at(-1), '')
  const cells = lines.slice(1, -1).flatMap((line) => line.split(','))
  t.strictSame(
    cells.filter((cell) => !/^(\d{4}-[\d:T.-]+Z|\d+(\.\d+)?)?$/.test(cell)),
    [],
  )
  const byHeader = await ask(port, `${PATH}?from=-15m&step=5m`, { headers: { accept: 'text/csv;q=1, */*;q=0.1' } })
  t.equal(byHeader.text, csv.text)
  const browser = { accept: 'text/html,application/json;q=0.9,text/csv;q=0.8,*/*;q=0.5' }
  t.match((await ask(port, PATH, { headers: browser })).headers, { 'content-type': /json/ })
  const forced = await ask(port, `${PATH}?format=json`, { headers: { accept: 'text/csv' } })
  t.match(forced.headers, { 'content-type': /json/ })
})

t.test('questions that make no sense', async (t) => {
  const { port } = await withHistory(t)
  const bad = [
    'from=2026-01-15T12:00:00Z&to=2026-01-15T12:00:00Z',
    'from=2026-01-16T12:00:00Z',
    'from=yesterday',
    'from=2026-13-45T99:99:99Z',
    'from=2026-01-15T12:00:00',
    'from=2026-01-15',
    'from=-5',
    'from=-1y',
    'from=-0s',
    'from=1e400',
    'from=1&from=2',
    'to=-1d',
    'step=0s',
    'step=9s',
    'step=5',
    'step=-5m',
    'step=5%20m',
    'step=',
    'step=99999999m',
    'from=-30d&step=5m&to=2026-01-15T12:00:00Z&format=xml',
    'from=-365d&step=10s&to=1768478400&limit=1',
    'unknown=1',
  ]
  const answers = await Promise.all(bad.map(async (query) => [query, await ask(port, `${PATH}?${query}`)] as const))
  t.strictSame(
    answers.filter(([, answer]) => answer.status !== 400 || codeOf(answer) !== 'BAD_REQUEST').map(([query]) => query),
    [],
  )
  const many = await ask(port, `${PATH}?from=-26h&step=5s`)
  t.match(many.json, { error: { message: /10s or more/ } })
  const more = await ask(port, `${PATH}?from=0&to=1768478400`)
  t.equal(more.status, 200, 'of half a century what suits it is taken')
  const most = await ask(port, `${PATH}?from=-3650d&step=1h`)
  t.match(most.json, {
    error: { message: /87601 samples; 10000 are the most.*step of 31536s or more/, details: { most: 10_000 } },
  })
  const stranger = await ask(port, PATH.replace(EXAMPLE_SERIAL, EXAMPLE_SERIAL.replaceAll('0', '1')))
  t.equal(codeOf(stranger), 'UNKNOWN_DEVICE')
  t.equal((await ask(port, PATH.replace(EXAMPLE_SERIAL, '%3Cb%3E'))).status, 400)
})

t.test('a device that is forgotten has no history, nor when it comes back', async (t) => {
  const { port, devices } = await withHistory(t)
  devices.remove(EXAMPLE_SERIAL)
  t.equal(codeOf(await ask(port, PATH)), 'UNKNOWN_DEVICE')
  devices.add(exampleView('ax', { online: false }))
  t.match((await ask(port, `${PATH}?from=-1h`)).json, { samples: [] })
})

t.test('the last 24 hours of all devices in one answer, a value for each hour', async (t) => {
  const { port, devices } = await withHistory(t)
  devices.add(exampleView('oz', { serial: 'NEVER0SEEN' }))
  const { status, json } = await ask(port, '/api/v1/history')
  t.equal(status, 200)
  const { devices: lines, ...range } = json as { devices: { serial: string; current_temperature: number[] }[] }
  const times = { from: '2026-01-14T12:00:00.000Z', to: '2026-01-15T12:15:00.000Z' }
  t.strictSame(range, { recording: true, ...times, step: 3600 })
  t.strictSame(lines.map(({ serial }) => serial).sort(), [EXAMPLE_SERIAL, 'NEVER0SEEN'].sort())
  const hours = Array.from({ length: 24 }, () => null)
  const line = lines.find(({ serial }) => serial === EXAMPLE_SERIAL)
  t.match(line, { current_temperature: [...hours, 21.34], load: [...hours, 0.667] })
  t.equal(line?.current_temperature.length, 25)
})

t.test('energy and its cost by day, of all devices and of one', async (t) => {
  const { port, devices } = await withHistory(t)
  devices.add(exampleView('ms', { serial: 'NEVER0SEEN' }))
  const { status, json } = await ask(port, '/api/v1/energy?last=2&timezone=Europe/Kyiv')
  t.equal(status, 200)
  // The count does not move; where it begins, the power of the first ten minutes says what was used.
  t.strictSame(json, {
    by: 'day',
    timezone: 'Europe/Kyiv',
    currency: 'UAH',
    parts: [
      { from: '2026-01-13T22:00:00.000Z', energy: null, cost: null },
      { from: '2026-01-14T22:00:00.000Z', energy: 0.2, cost: 0.8 },
    ],
    devices: [
      { serial: EXAMPLE_SERIAL, energy: 0.2, cost: 0.8 },
      { serial: 'NEVER0SEEN', energy: null, cost: null },
    ],
  })
  const one = await ask(port, '/api/v1/energy?by=month&serial=NEVER0SEEN')
  t.match(one.json, { by: 'month', devices: [{ serial: 'NEVER0SEEN', energy: null }] })
  t.equal((one.json as { parts: unknown[] }).parts.length, 12)
  for (const [query, field] of [
    ['?by=month&last=14', 'last'],
    ['?timezone=Europe/Atlantis', 'timezone'],
  ] as const) {
    const refused = await ask(port, `/api/v1/energy${query}`)
    t.equal(codeOf(refused), 'BAD_REQUEST', query)
    t.match(refused.json, { error: { details: { field } } })
  }
  t.equal(codeOf(await ask(port, '/api/v1/energy?serial=0NOBODY')), 'UNKNOWN_DEVICE')
})
