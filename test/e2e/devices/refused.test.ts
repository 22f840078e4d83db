/** A command that is not carried out is seen: in the state, as an event, in the log of the device, whichever way it came. */
import t from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { ADMIN, devicesOf, eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'

t.test('over MQTT and REST, refused by the bridge and by the device, without secrets', async (t) => {
  const clock = new FastClock(20)
  const house = await startHouse(t, { clock, thermostats: [{ model: 'ax', lock: 'none' }] })
  const { serial } = unit(house)
  const bridge = await startBridge(t, { clock, settings: { devices: devicesOf(house) } })
  const { mqtt } = bridge
  await mqtt.state(serial, ({ mode }) => mode === 'heat')
  const refused = (code: string) =>
    mqtt.state(serial, ({ last_error: error }) => isObject(error) && error.code === code)

  await mqtt.publish(`${serial}/set/target_temperature`, '90.0')
  const state = await refused('OUT_OF_RANGE')
  t.match(state, { target_temperature: Number, last_error: { message: /can't be 90/, about: ['target_temperature'] } })
  t.not(state.target_temperature, 90)
  t.match((await bridge.patch(serial, { brightness: 99 })).status, 400)
  await mqtt.state(serial, ({ last_error: error }) => isObject(error) && String(error.about) === 'brightness')
  await mqtt.publish(`${serial}/set`, JSON.stringify({ mode: ADMIN }))
  const masked = await mqtt.state(serial, ({ last_error: error }) => isObject(error) && String(error.about) === 'mode')
  t.notMatch(JSON.stringify(masked), ADMIN)

  const told = await eventually('three rows in the log of the device', async () => {
    const { events } = (await bridge.rest('GET', `/api/v1/devices/${serial}/events`)).body
    const rows = Array.isArray(events) ? events.filter(({ type }) => type === 'command_failed') : []
    return rows.length === 3 && rows
  })
  t.match(told, [
    { message: /\(mode\)/ },
    { message: /\(brightness\)/ },
    { message: /\(target_temperature\).*can't be 90/ },
  ])
  t.notMatch(JSON.stringify(told), ADMIN)

  t.match(await mqtt.command(serial, { target_temperature: 25 }), { ok: true })
  await mqtt.state(serial, ({ target_temperature: to, last_error: error }) => to === 25 && error === null)
})
