/** The published replies of MS and D2W, decoded with the rows of the catalog. */
import t from 'tap'
import { parseBeacon } from '../../src/protocol/beacon.ts'
import { objectOfList } from '../../src/protocol/d2w.ts'
import { parseDeviceTime } from '../../src/protocol/replies.ts'
import { encodeValue } from '../../src/protocol/values.ts'
import { fixture, list, object } from '../support/fixtures.ts'
import { decodeParameters, decodeTelemetry, model } from './decoding.ts'

const responses = (name: string) => list(fixture(name).exchanges).map((exchange) => object(object(exchange).response))

t.test('ms: the published relay', async (t) => {
  const [parameters, , telemetry] = responses('ms')
  t.same(decodeParameters(model('ms'), parameters), {
    values: {
      button_press_time: 0,
      relay: false,
      power_on_state: 'memory',
      switch_type: 'momentary',
      relay_mode: 0,
      brightness: 10,
      load_warning_time: 24,
      lan_lock: false,
      cloud_lock: false,
      child_lock: false,
    },
    unknown: [],
  })
  t.same(decodeTelemetry(model('ms'), telemetry), {
    values: {
      relay_status: 1,
      device_temperature: 53.13,
      wifi_rssi: -65,
      restart_reason: 1,
      radio_restart_reason: 0,
      mcu_temperature: 42.19,
      lock: 'none',
      load: false,
      clock_unsynchronised: false,
      overheated: false,
      clock_fault: false,
      overheat_protection_fault: false,
      zero_cross_fault: false,
      cloud_time_ignored: false,
    },
    unknown: [],
  })
})

t.test('d2w: the published voltage relay', async (t) => {
  const [parameters, , telemetry] = responses('d2w')
  t.same(decodeParameters(model('d2w'), parameters), {
    values: {
      voltage_max: 245,
      voltage_min: 144,
      switch_on_delay: 3,
      voltage_correction: -8,
      voltage_hysteresis: 3,
      repeat_limit: 3,
      low_voltage_time: 0.1,
      brightness: 5,
      pro_mode: false,
      delay_model: 'tAr',
      child_lock: false,
      relay: true,
      widget_switch_off: true,
      repeat_protection: true,
      generator_mode: false,
      lan_lock: false,
      cloud_lock: false,
    },
    unknown: [],
  })
  t.same(decodeTelemetry(model('d2w'), telemetry), {
    values: {
      voltage_max: 245,
      voltage_min: 144,
      voltage: 218,
      device_temperature: 36,
      mcu_temperature: 59.13,
      device_status: 'on',
      lock: 'none',
      switch_on_remaining: 0,
      overheated: false,
      clock_fault: false,
      overheat_protection_fault: false,
      time_set_recently: false,
      remote_off_allowed: true,
      overheat_lock: false,
      load: true,
      repeat_lock: false,
      incident: false,
      voltage_high: false,
      voltage_low: false,
      wifi_rssi: -58,
    },
    unknown: ['f.5'],
  })
})

/** The rest of what the two documents print: a write with its answer, the clock, the beacon. */
t.test('the other samples of both documents', async (t) => {
  const [ms] = responses('ms')
  const par = list(ms?.par).map((row) => (list(row)[0] === 125 ? [125, 7, '1'] : row))
  t.match(decodeParameters(model('ms'), { ...ms, par }), { values: { relay: true }, unknown: [] }, 'the answer to on')
  const [d2w] = responses('d2w')
  const off = { ...d2w, par: { ...object(d2w?.par), 119: true } }
  t.match(
    decodeParameters(model('d2w'), off),
    { values: { relay: false }, unknown: [] },
    '119 = true, as its table says',
  )
  const written = (name: string) => {
    const row = model(name).parameters.find(({ key }) => key === 'relay')
    if (!row) throw new Error('no relay')
    return [[row.id, row.wire, encodeValue(row, row.wire, true)[0]?.raw ?? '']] as const
  }
  t.same(written('ms'), [[125, 7, '1']], 'as printed')
  t.equal(objectOfList(written('d2w')), '{"119":false}', 'as its table says; the sample is not JSON')
  t.same(parseDeviceTime(object(responses('ms')[1])), { time: 825266448, zone: 3 })
  t.match(parseDeviceTime(object(responses('d2w')[1])), { time: 834401814 })
  const heard = list(fixture('beacons').datagrams).map((datagram) => parseBeacon(Buffer.from(String(datagram))))
  const named = heard.map((beacon) => (typeof beacon === 'string' ? beacon : beacon.hw))
  t.same(named.slice(-2), ['ms', 'D2W'])
})
