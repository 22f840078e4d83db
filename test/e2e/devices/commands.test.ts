import t from 'tap'
import { accountsOf, devicesOf, eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'

t.test(
  'states show on MQTT, and a temperature set by MQTT and by REST is taken because it is signed right',
  async (t) => {
    const house = await startHouse(t, { thermostats: 2 })
    const bridge = await startBridge(t, {
      settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
    })
    const [ax, oz] = [unit(house, 0), unit(house, 1)]
    const [state] = await bridge.online(ax.serial, oz.serial)
    t.equal(await bridge.mqtt.next('bridge/state'), 'online')
    t.match(state, { lock: 'lan', mode: String, current_temperature: Number, target_temperature: Number })

    t.match(await bridge.mqtt.command(ax.serial, { mode: 'heat', target_temperature: 24 }), {
      ok: true,
      command: { mode: 'heat', target_temperature: 24 },
    })
    t.equal(ax.parameter(5), '24')
    await bridge.mqtt.state(ax.serial, (now) => now.target_temperature === 24 && now.mode === 'heat')

    const answer = await bridge.patch(oz.serial, { mode: 'heat', target_temperature: 26 })
    t.match(answer, { status: 200, body: { state: { mode: 'heat', target_temperature: 26 } } })
    await bridge.mqtt.state(oz.serial, (now) => now.target_temperature === 26)

    for (const { writes } of [ax, oz]) {
      t.ok(writes.length > 0)
      const taken = writes.filter(({ accepted }) => accepted)
      t.ok(taken.length > 0 && taken.every(({ signed }) => signed))
    }
  },
)

t.test('with a wrong key nothing is taken, and the result says so', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const ax = unit(house)
  const devices = devicesOf(house).map((device) => ({ ...device, totp_key: 'NOTTHERIGHTKEY00' }))
  const bridge = await startBridge(t, { settings: { devices } })
  await bridge.online(ax.serial)
  const before = ax.parameter(5)

  const result = await bridge.mqtt.command(ax.serial, { mode: 'heat', target_temperature: 24 })
  t.match(result, { ok: false, error: { code: 'KEY_REJECTED', message: /refuses the stored key/ } })
  const answer = await bridge.patch(ax.serial, { target_temperature: 24 })
  t.match(answer, { status: 409, body: { error: { code: 'KEY_REJECTED' } } })
  t.equal(ax.parameter(5), before)
  t.ok(ax.writes.length > 0)
  t.ok(ax.writes.every(({ signed, accepted }) => signed && !accepted))
  t.equal(bridge.mqtt.latest(`${ax.serial}/availability`), 'online')
})

t.test('twenty quick setpoints for a slow device are a few writes, with twenty results', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax', quirks: { latency: 1_000 } }] })
  const ax = unit(house)
  const bridge = await startBridge(t, {
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
  })
  await bridge.online(ax.serial)
  t.match(await bridge.mqtt.command(ax.serial, { mode: 'heat' }), { ok: true })
  const before = ax.writes.length
  const values = Array.from({ length: 20 }, (_, index) => 11 + index)
  const results = await Promise.all(
    values.map((value) => bridge.mqtt.command(ax.serial, { target_temperature: value })),
  )
  t.equal(results.length, 20)
  t.ok(results.every(({ ok }) => ok === true))
  t.equal(ax.parameter(5), '30')
  t.ok(ax.writes.length - before <= 3, `${ax.writes.length - before} writes`)
  t.ok(results.some((result) => Array.isArray(result.superseded) && result.superseded[0] === 'target_temperature'))
  t.notOk('superseded' in (results.at(-1) ?? {}), 'the last one was not replaced')
  await bridge.mqtt.state(ax.serial, (state) => state.target_temperature === 30)
  t.equal(bridge.mqtt.all(`${ax.serial}/result`).length, 21)
})

t.test('a write whose answer is lost', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const ax = unit(house)
  const bridge = await startBridge(t, {
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
  })
  await bridge.online(ax.serial)
  t.match(await bridge.mqtt.command(ax.serial, { mode: 'heat', target_temperature: 20 }), { ok: true })

  await t.test('was applied: ok, and not sent again', async (t) => {
    const before = ax.writes.length
    ax.quirks.dropWrites.push('applied')
    t.match(await bridge.mqtt.command(ax.serial, { target_temperature: 25 }), { ok: true })
    t.equal(ax.parameter(5), '25')
    t.equal(ax.writes.length - before, 1)
  })

  await t.test('was not applied: sent again', async (t) => {
    const before = ax.writes.length
    ax.quirks.dropWrites.push('lost')
    t.match(await bridge.mqtt.command(ax.serial, { target_temperature: 27 }), { ok: true })
    t.equal(ax.parameter(5), '27')
    t.equal(ax.writes.length - before, 2)
  })

  await t.test('and the device is gone: the outcome is unknown, and the true state follows', async (t) => {
    ax.quirks.injectReplies.push({ on: 'write', reply: 'no-answer' })
    const from = bridge.mqtt.mark
    const result = bridge.mqtt.command(ax.serial, { target_temperature: 29 })
    await eventually('the write arrived', () => ax.writes.at(-1)?.reason === 'injected reply')
    await ax.unplug()
    t.match(await result, { ok: false, error: { code: 'OUTCOME_UNKNOWN', message: /It is not known/ } })
    await bridge.mqtt.next(`${ax.serial}/availability`, (text) => text === 'offline', from)
    await ax.plugIn()
    // Polled at growing intervals; asking is quicker than waiting.
    await bridge.mqtt.publish(`${ax.serial}/get`, '')
    await bridge.mqtt.next(`${ax.serial}/availability`, (text) => text === 'online', from)
    t.equal(bridge.mqtt.latestState(ax.serial).target_temperature, 27)
  })
})
