import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { Metrics } from '../../../src/api/metrics/index.ts'
import { ProcessMetrics } from '../../../src/api/metrics/process.ts'
import type { Metric } from '../../../src/api/types.ts'
import { RequestStats } from '../../../src/lan/metrics.ts'
import { objections, parseExposition, type Sample } from '../../support/contracts/exposition.ts'
import { FakeAccounts } from '../../support/fake-accounts.ts'
import { EXAMPLE_SERIAL, exampleView, FakeBridge, FakeDevices } from '../../support/fake-bridge.ts'
import { ask, BASIC, running } from '../support.ts'

const NO_STREAMS = { clients: 0, cutOff: 0 }

t.test('what Prometheus is told', async (t) => {
  const requests = new RequestStats()
  const note = requests.of('OFFLINE-1')
  note({ operation: 'read', seconds: 0.2, failure: null })
  note({ operation: 'read', seconds: 0.25, failure: null })
  note({ operation: 'write', seconds: 30, failure: 'DEVICE_TIMEOUT' })
  requests.of('GONE-1')({ operation: 'read', seconds: 0, failure: null })
  requests.forget('GONE-1')
  const nothing: Metric = { name: 'thermo2mqtt_nothing', help: 'No samples yet.', type: 'gauge', samples: [] }
  const api = await running({
    metrics: [() => requests.metrics(), () => [nothing]],
    readiness: () => ({ mqtt: { ok: true }, store: { ok: false, code: 'store_full' } }),
  })
  t.teardown(() => api.close())
  api.devices.add()
  api.devices.update(EXAMPLE_SERIAL, {
    name: 'Bath "up"\nstairs\\',
    state: { air_temperature: null, lock: 'both', overheated: true },
    health: { ...exampleView().health, lastSeen: 1_000_500, failures: 2, keySource: null },
  })
  api.devices.add(exampleView('ax', { serial: 'OFFLINE-1', online: false }))
  const scrape = async () => {
    const { status, headers, text } = await ask(api.port, '/metrics', { authorization: BASIC })
    t.equal(status, 200)
    t.match(headers['content-type'], 'text/plain; version=0.0.4')
    return parseExposition(text)
  }
  const first = await scrape()
  // Some names of the process are older than Prometheus' advice about them.
  t.strictSame(objections(new Map([...first].filter(([name]) => name.startsWith('thermo2mqtt_')))), [])

  const serial = EXAMPLE_SERIAL
  const buckets = (operation: string) =>
    first
      .get('thermo2mqtt_device_request_duration_seconds')
      ?.samples.filter(({ name, labels }) => name.endsWith('_bucket') && labels.operation === operation)
      .map(({ value }) => value)
  const found = (name: string, labels: Sample['labels']) =>
    first
      .get(`thermo2mqtt_${name}`)
      ?.samples.find((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))?.value
  const wanted = [
    ['device_up', { serial }, 1],
    ['device_up', { serial: 'OFFLINE-1' }, 0],
    ['device_info', { serial, name: 'Bath "up"\nstairs\\', model: 'ax', hw: 'ax' }, 1],
    ['device_floor_temperature_celsius', { serial }, 22.5],
    ['device_target_temperature_celsius', { serial }, 24],
    ['device_load', { serial }, 1],
    ['device_power_watts', { serial }, 1200],
    ['device_energy_joules_total', { serial }, 12.34 * 3_600_000],
    ['device_energy_joules_total', { serial: 'OFFLINE-1' }, 12.34 * 3_600_000],
    ['device_wifi_rssi_dbm', { serial }, -61],
    ['device_fault', { serial, fault: 'overheated', kind: 'overheating' }, 1],
    ['device_fault', { serial, fault: 'floor_sensor_missing', kind: 'sensor' }, 0],
    ['device_cloud_locked', { serial }, 1],
    ['device_lan_locked', { serial }, 1],
    ['device_key_held', { serial }, 0],
    ['device_failed_polls', { serial }, 2],
    ['device_last_seen_timestamp_seconds', { serial }, 1000.5],
    ['device_air_temperature_celsius', { serial }, undefined],
    ['device_floor_temperature_celsius', { serial: 'OFFLINE-1' }, undefined],
    ['device_requests_total', { serial: 'OFFLINE-1' }, 3],
    ['device_requests_total', { serial: 'GONE-1' }, undefined],
    ['device_request_failures_total', { serial: 'OFFLINE-1' }, 1],
    ['device_request_errors_total', { code: 'DEVICE_TIMEOUT' }, 1],
    ['device_request_errors_total', { code: 'DEVICE_BUSY' }, 0],
    ['account_ready', { account: 'home', provider: 'terneo' }, 1],
    ['account_state', { account: 'home', state: 'ready' }, 1],
    ['account_state', { account: 'home', state: 'code_needed' }, 0],
    ['account_devices', { account: 'home' }, 1],
    ['account_last_sync_timestamp_seconds', {}, undefined],
    ['build_info', { version: '0.0.0-test', node: process.versions.node }, 1],
    ['start_time_seconds', {}, Date.parse('2026-01-15T12:00:00Z') / 1000],
    ['ready', { check: 'mqtt' }, 1],
    ['ready', { check: 'store' }, 0],
    ['event_streams', {}, 0],
  ] as const
  t.strictSame(
    wanted.map(([name, labels]) => [name, labels, found(name, labels)]),
    wanted,
  )
  t.strictSame(buckets('read'), [1, 1, 3, 3, 3, 3, 3, 3, 3])
  t.strictSame(buckets('write'), [0, 0, 0, 0, 0, 0, 0, 0, 1])
  t.notOk(first.has('thermo2mqtt_nothing'))

  api.devices.remove(EXAMPLE_SERIAL)
  const gone = [...(await scrape()).values()].flatMap(({ samples }) =>
    samples.filter(({ labels }) => labels.serial === serial),
  )
  t.strictSame(gone, [], 'what is gone leaves nothing behind')
})

/** What any program tells of its process on Linux, by the name that dashboards know it by. */
const PROCESS = [
  ...['process_cpu_user_seconds_total', 'process_cpu_system_seconds_total', 'process_cpu_seconds_total'],
  ...['process_start_time_seconds', 'process_resident_memory_bytes', 'process_virtual_memory_bytes'],
  ...['process_heap_bytes', 'process_open_fds', 'process_max_fds'],
  ...['nodejs_heap_size_total_bytes', 'nodejs_heap_size_used_bytes', 'nodejs_external_memory_bytes'],
  'nodejs_eventloop_lag_seconds',
]
const LAGS = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map((name) => `nodejs_eventloop_lag_${name}_seconds`)

t.test('what Prometheus is told of the process', async (t) => {
  const metrics = new ProcessMetrics()
  t.teardown(() => metrics.close())
  const read = async () =>
    new Map((await metrics.read()).flatMap(({ name, samples }) => samples.map(({ value }) => [name, value])))
  const before = process.memoryUsage()
  const first = await read()
  const after = process.memoryUsage()
  t.strictSame(new Set(first.keys()), new Set(process.platform === 'linux' ? PROCESS : first.keys()))
  const about = (name: string, ...expected: readonly number[]) => {
    const value = first.get(name) ?? Number.NaN
    const [least, most] = [Math.min(...expected), Math.max(...expected)]
    t.ok(value > least / 2 && value < most * 2, `${name}: ${value}, not about ${expected.join(' or ')}`)
  }
  about('process_resident_memory_bytes', before.rss, after.rss)
  // Garbage may be collected at any moment.
  about('nodejs_heap_size_used_bytes', before.heapUsed, after.heapUsed)
  about('process_cpu_seconds_total', process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6)
  about('process_start_time_seconds', Date.now() / 1000 - process.uptime())

  // Another one like it says when the loop has come round and when it was held up.
  const beside = monitorEventLoopDelay()
  beside.enable()
  t.teardown(() => beside.disable())
  while (beside.count < 3) await setImmediate()
  const until = performance.now() + 150
  while (performance.now() < until);
  while (beside.max < 100e6) await setImmediate()
  const second = await read()
  t.strictSame(
    [...second.keys()].filter((name) => !first.has(name)),
    LAGS,
  )
  t.ok((second.get('nodejs_eventloop_lag_max_seconds') ?? 0) > 0.1, 'a loop that was held up shows')
})

t.test('an API that has ended watches the process no more', async (t) => {
  const watches = Object.getPrototypeOf(monitorEventLoopDelay())
  const { enable, disable } = watches
  t.teardown(() => Object.assign(watches, { enable, disable }))
  const calls: string[] = []
  for (const [name, call] of Object.entries({ enable, disable })) {
    watches[name] = function counted(this: unknown) {
      calls.push(name)
      return call.call(this)
    }
  }
  const api = await running()
  t.strictSame(calls, [], 'nor before somebody asks')
  for (const _ of [1, 2]) await ask(api.port, '/metrics', { authorization: BASIC })
  t.strictSame(calls, ['enable'])
  await api.close()
  t.strictSame(calls, ['enable', 'disable'])
})

t.test('a thousand devices are a scrape of bounded size', async (t) => {
  const devices = new FakeDevices()
  for (let i = 0; i < 1_000; i++) devices.add(exampleView(i % 2 === 0 ? 'ax' : 'oz', { serial: `SCALE-${i}` }))
  const accounts = new FakeAccounts()
  const metrics = new Metrics({
    devices,
    accounts,
    bridge: new FakeBridge(devices, accounts),
    readiness: () => ({}),
    streams: NO_STREAMS,
    sources: [],
  })
  const text = await metrics.text()
  const lines = text.split('\n').length
  t.ok(lines < 60_000, `${lines} lines, ${Math.round(text.length / 1024)} KiB`)
  t.ok(text.length < 6_000_000)
})
