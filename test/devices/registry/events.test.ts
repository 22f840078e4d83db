import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { address, SERIAL, setUp, stored } from './rig.ts'

t.test('offline and online are told once each', async (t) => {
  const { clock, registry, events, links } = setUp()
  registry.found(SERIAL, address, 'ax')
  await clock.advance(0)
  const link = links.get(SERIAL)
  if (!link) return t.fail('no link')
  link.error = new BridgeError('DEVICE_TIMEOUT', 'It is silent.')
  await clock.advance(200_000)
  t.match(events.slice(1), [{ type: 'device_offline', message: /does not answer. It is silent./ }])
  link.error = null
  t.match(await registry.refresh(SERIAL), { online: true })
  t.match(events.slice(2), [{ type: 'device_online' }])
  await registry.stop()
})

t.test('the firmware that an account lists is shown, and remembered', async (t) => {
  const { registry, saved, clock } = setUp()
  registry.accountLists('home', [{ serial: SERIAL, name: 'Bath', version: '2.34' }])
  t.equal(registry.get(SERIAL)?.firmware, '2.34')
  registry.accountLists('other', [{ serial: SERIAL, name: null, version: null }])
  t.equal(registry.get(SERIAL)?.firmware, '2.34', 'a list that does not say takes nothing back')
  await clock.advance(60_000)
  t.match(saved.flat().at(-1), { serial: SERIAL, firmware: '2.34' })
  await registry.stop()
})

t.test('a start of the bridge is no news of a device: only what is otherwise than it was told last', async (t) => {
  for (const [offlineTold, answers, told] of [
    [false, true, []],
    [true, true, ['device_online']],
    [false, false, ['device_offline']],
    [true, false, []],
  ] as const) {
    const { clock, registry, events, links } = setUp({
      stored: [stored],
      news: { faultsTold: () => new Map(), offlineTold: () => offlineTold, findingsTold: () => [] },
    })
    registry.start()
    const link = links.get(SERIAL)
    if (link && !answers) link.error = new BridgeError('DEVICE_TIMEOUT', 'It is silent.')
    await clock.advance(200_000)
    const types = events.flatMap(({ type }) => (/^device_o/.test(type) ? [type] : []))
    t.same(types, told, `told offline: ${offlineTold}, answers: ${answers}`)
    await registry.stop()
  }
})

t.test('a new key and the states of accounts are told', async (t) => {
  const { registry, events } = setUp()
  registry.keyChanged(SERIAL, 'home')
  t.match(events, [{ type: 'key_changed', serial: SERIAL, account: 'home' }])
  const account = {
    id: 'home',
    provider: 'terneo',
    takes_code: false,
    code_from: null,
    lists_devices: true,
    devices: 0,
    last_sync: null,
  }
  registry.accountChanged({ ...account, state: 'ready', error: null })
  registry.accountChanged({ ...account, state: 'ready', devices: 3, error: null })
  registry.accountChanged({
    ...account,
    state: 'auth_failed',
    error: { code: 'CLOUD_AUTH', message: 'Wrong password.' },
  })
  t.same(
    events.slice(1).map(({ message }) => message),
    ['Account home is ready.', 'Account home is auth_failed. Wrong password.'],
  )
  await registry.stop()
})

t.test('a lock that changes is told, the first one seen is not', async (t) => {
  const { clock, registry, events, links } = setUp()
  registry.found(SERIAL, address, 'ax')
  await clock.advance(0)
  const link = links.get(SERIAL)
  if (!link) return t.fail('no link')
  t.notOk(events.some(({ type }) => type === 'lock_changed'))
  link.telemetry = { ...link.telemetry, fields: new Map([...link.telemetry.fields, ['m.3', '3']]) }
  await registry.refresh(SERIAL)
  t.match(events.slice(-2), [
    { type: 'lock_changed', message: /only from its own keys/, details: { before: 'lan', lock: 'both' } },
    { type: 'fault_began', message: /the bridge did not change it/, details: { fault: 'lock_alarm' } },
  ])
  t.match(registry.get(SERIAL)?.state, { lock: 'both', lock_alarm: true, problem: true })
  await registry.refresh(SERIAL)
  t.equal(events.filter(({ type }) => type === 'lock_changed').length, 1)
  await registry.action(SERIAL, 'accept_lock')
  t.match(registry.get(SERIAL)?.state, { lock: 'both', lock_alarm: false })
  t.match(events.at(-1), { type: 'fault_ended', details: { fault: 'lock_alarm' } })
  await registry.stop()
})

t.test(
  'faults are told once when they begin and when they end, also what happened while the bridge was away',
  async (t) => {
    const told = new Map([
      ['clock_fault', true],
      ['overheated', true],
      ['floor_sensor_shorted', true],
    ])
    const { clock, registry, events, links, lines } = setUp({
      news: { faultsTold: () => told, offlineTold: () => false, findingsTold: () => [] },
    })
    registry.found(SERIAL, address, 'ax')
    const show = async (fields: Readonly<Record<string, string>>) => {
      const link = links.get(SERIAL)
      if (!link) throw new Error('no link')
      link.telemetry = { ...link.telemetry, fields: new Map([...link.telemetry.fields, ...Object.entries(fields)]) }
      await registry.refresh(SERIAL)
      return events.splice(0).filter(({ type }) => type.startsWith('fault'))
    }
    const first = links.get(SERIAL)
    const already = ['f.9', 'f.12'].map((field) => [field, '1'] as const)
    if (first) first.telemetry = { ...first.telemetry, fields: new Map([...first.telemetry.fields, ...already]) }
    await clock.advance(0)
    t.match(
      await show({}),
      [
        { type: 'fault_ended', details: { fault: 'floor_sensor_shorted' } },
        { type: 'fault_began', details: { fault: 'overheat_protection_fault' } },
      ],
      'what happened while the bridge was away; that it is too hot was told before',
    )
    t.strictSame(await show({ 'f.3': '1', 'f.9': '0', 'f.12': '0' }).then((all) => all.slice(0, 2)), [
      {
        type: 'fault_began',
        serial: SERIAL,
        message: `${registry.get(SERIAL)?.name}: The floor sensor is broken or not connected.`,
        details: { fault: 'floor_sensor_missing', kind: 'sensor' },
      },
      {
        type: 'fault_ended',
        serial: SERIAL,
        message: `${registry.get(SERIAL)?.name}: “Overheated” is over.`,
        details: { fault: 'overheated', kind: 'overheating' },
      },
    ])
    t.ok(lines.find(({ msg }) => msg.includes('floor sensor is broken'))?.level === 'warn', 'in the log')
    t.strictSame(await show({}), [], 'each once')
    t.match(await show({ 'f.12': '1', 'f.3': '0' }), [
      { type: 'fault_ended', details: { fault: 'floor_sensor_missing' } },
      { type: 'fault_began', details: { fault: 'overheat_protection_fault', kind: 'other' } },
    ])
    await registry.stop()
  },
)
