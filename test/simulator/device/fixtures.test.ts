import t from 'tap'
import { hotp, totpStep } from '../../../src/simulator/index.ts'
import { startCloud, startThermostat } from '../../support/simulator.ts'
import { ask, exchange, fixture } from '../support.ts'

const byId = (a: number[], b: number[]) => (a[0] ?? 0) - (b[0] ?? 0)

for (const model of ['ax', 'sx', 'az', 'oz']) {
  t.test(`a fresh ${model} answers with the parameters of the fixture`, async (t) => {
    const { request, response } = fixture(`${model}-parameters`)
    const thermostat = await startThermostat(t, { model, serial: response.sn })
    const answer = await ask(thermostat, request)
    t.equal(answer.sn, response.sn)
    t.same(
      answer.par.map(([id, type]: [number, number]) => [id, type]),
      response.par.map(([id, type]: [number, number]) => [id, type]),
      'ids, types and order',
    )
    // 31 is the setpoint in force, which the printed lists do not keep in step with the rest.
    const stored = (par: [number, number, string][]) => par.filter(([id]) => id !== 31)
    t.same(stored(answer.par), stored(response.par), 'values')
  })
}

for (const model of ['ax', 'az', 'oz']) {
  t.test(`a fresh ${model} has the telemetry fields of the fixture`, async (t) => {
    const { request, response } = fixture(`${model}-telemetry`)
    const thermostat = await startThermostat(t, { model, serial: response.sn })
    const answer = await ask(thermostat, request)
    t.same(Object.keys(answer), Object.keys(response))
    for (const [field, value] of Object.entries(answer)) t.type(value, 'string', field)
  })
}

t.test('an OZ without air sensor has the parameters of its document and the telemetry of an AZ', async (t) => {
  const old = await startThermostat(t, { model: 'old' })
  const ids = (await ask(old, { cmd: 1 })).par.map(([id, type]: number[]) => [id, type])
  const az = fixture('az-parameters').response.par.map(([id, type]: number[]) => [id, type])
  const expected = [...az, [80, 1], [81, 1], [82, 1]].sort(byId)
  t.same(ids.sort(byId), expected)
  t.same(Object.keys(await ask(old, { cmd: 4 })), Object.keys(fixture('az-telemetry').response))
  t.equal(old.hw, 'oz', 'only its parameters tell it apart')
})

t.test('the schedule is the one of both documents', async (t) => {
  const { request, response } = fixture('schedule')
  const thermostat = await startThermostat(t, { model: 'ax', serial: response.sn })
  t.same(await ask(thermostat, request), response)
})

t.test('codes are those of the RFC and of the independent computation', async (t) => {
  const { rfc6238_sha1_8_digits, device_9_digits } = fixture('totp')
  for (const { key, unix, code } of rfc6238_sha1_8_digits) t.equal(hotp(key, Math.floor(unix / 30), 8), code)
  for (const { key, device_time, counter_base, code } of device_9_digits) {
    t.equal(hotp(key, totpStep(device_time, counter_base), 9), code)
  }
})

t.test('beacons look like the captured ones', async (t) => {
  const datagrams: string[] = fixture('beacons').datagrams
  for (const hw of ['ax', 'az', 'oz', 'sx']) {
    const captured = datagrams.map((text) => JSON.parse(text)).findLast((beacon) => beacon.hw === hw)
    const thermostat = await startThermostat(t, { model: hw, serial: captured.sn })
    const beacon = JSON.parse(thermostat.beacon())
    t.same(Object.keys(beacon), Object.keys(captured))
    t.equal(beacon.sn, captured.sn)
    t.equal(beacon.hw, hw)
    t.match(beacon.display, /^\d+\.\d$/)
    thermostat.setLocally(125, 1)
    t.equal(JSON.parse(thermostat.beacon()).display, '   ', 'off: three spaces')
  }
})

t.test('switching an SX off goes as captured', async (t) => {
  const { request, response } = fixture('sx-power-off')
  const thermostat = await startThermostat(t, { model: 'sx', serial: request.sn })
  t.same(await ask(thermostat, request), response)
  const telemetry = await ask(thermostat, { cmd: 4 })
  t.equal(telemetry['f.16'], '1')
  t.notOk('t.1' in telemetry, 'no floor temperature while off')
})

t.test('an AX of newer firmware that is off shows what the owner captured', async (t) => {
  const { parameters, telemetry } = fixture('ax-off-manual')
  const thermostat = await startThermostat(t, { model: 'ax', telemetryTime: true, lock: 'none' })
  const written = await ask(thermostat, { sn: thermostat.serial, par: parameters })
  for (const row of parameters)
    t.same(
      written.par.find(([id]: [number]) => id === row[0]),
      row,
    )
  t.match(await ask(thermostat, { cmd: 4 }), telemetry)
})

t.test('the cloud answers as documented', async (t) => {
  const { login, devices } = fixture('cloud-terneo-welrok')
  const cloud = await startCloud(t, {
    accounts: [{ ...login.request, userName: login.response.user_name, devices: devices.response.results }],
  })
  const answer = await exchange(`${cloud.url}/api/login/`, { body: JSON.stringify(login.request) })
  const signedIn = JSON.parse(answer.text)
  t.equal(answer.status, 200)
  t.same(Object.keys(signedIn), Object.keys(login.response))
  t.match(signedIn.access_token, /^[0-9a-f]{40}$/)
  t.same({ ...signedIn, access_token: '' }, { ...login.response, access_token: '' })
  const authorization = devices.header.replace(/^Authorization: /, '').replace(/[0-9a-f]{40}/, signedIn.access_token)
  const list = await exchange(`${cloud.url}/api/device/`, { method: 'GET', headers: { authorization } })
  t.same(JSON.parse(list.text), devices.response)
})
