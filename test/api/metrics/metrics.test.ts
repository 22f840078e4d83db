import t from 'tap'
import { Metrics } from '../../../src/api/metrics/index.ts'
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
  // The client library's own names are not ours to choose.
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
  t.ok(first.has('process_resident_memory_bytes') && first.has('nodejs_eventloop_lag_seconds'))
  t.notOk(first.has('thermo2mqtt_nothing'))

  api.devices.remove(EXAMPLE_SERIAL)
  const gone = [...(await scrape()).values()].flatMap(({ samples }) =>
    samples.filter(({ labels }) => labels.serial === serial),
  )
  t.strictSame(gone, [], 'what is gone leaves nothing behind')
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
