import t from 'tap'
import type { NameMemory } from '../../../src/devices/registry/names.ts'
import { OTHER, SERIAL, setUp, stored } from './rig.ts'

t.test('a device is named, and gets back the name it had', async (t) => {
  const given = new Map<string, string>()
  const names: NameMemory = {
    givenNames: () => new Map(given),
    giveName: (serial, name) => void (name === null ? given.delete(serial) : given.set(serial, name)),
  }
  const { registry, events } = setUp({ stored: [stored], names })
  registry.start()
  const told: string[] = []
  registry.events.on('device', ({ name }) => told.push(name))
  t.match(await registry.rename(SERIAL, ' <b>Ва\u0301нна</b> '), { name: '<b>Ва\u0301нна</b>', nameSource: 'given' })
  t.strictSame([...given], [[SERIAL, '<b>Ва\u0301нна</b>']])
  t.match(events.at(-1), { type: 'device_renamed', serial: SERIAL, details: { before: 'Bathroom' } })
  await registry.accountLists('home', [{ serial: SERIAL, name: 'Bath of the account' }])
  t.equal(registry.get(SERIAL)?.name, '<b>Ва\u0301нна</b>', 'the account does not win')
  t.match(await registry.rename(SERIAL, null), { name: 'Bath of the account', nameSource: 'account' })
  t.equal(told.at(-1), 'Bath of the account')
  t.equal(given.size, 0)
  const bad = ['', '  ', 'x'.repeat(65), 'a\nb', 'a\u202eb', 'a\u0000', '\ud800', 7, undefined, {}, ['a']]
  for (const name of bad) await t.rejects(registry.rename(SERIAL, name), { code: 'BAD_REQUEST' }, JSON.stringify(name))
  await t.resolves(registry.rename(SERIAL, '👩‍🚒 '.repeat(1) + 'ж'.repeat(60)), 'characters are counted, not bytes')
  await t.rejects(registry.rename(OTHER, 'x'), { code: 'UNKNOWN_DEVICE' })

  const again = setUp({ stored: [stored], names })
  again.registry.start()
  t.equal(again.registry.get(SERIAL)?.nameSource, 'given', 'after a restart as well')
  await again.registry.forget(SERIAL)
  await again.registry.accountLists('home', [{ serial: SERIAL, name: null }])
  t.match(again.registry.get(SERIAL), { name: /0580/, nameSource: 'default' }, 'forgotten with the device')
})

t.test('a name of the settings is fixed', async (t) => {
  const names: NameMemory = { givenNames: () => new Map([[SERIAL, 'given before']]), giveName: () => t.fail('kept') }
  const { registry } = setUp({
    stored: [stored],
    configured: [{ serial: SERIAL, name: 'Fixed', host: null, port: 80 }],
    names,
  })
  registry.start()
  t.match(registry.get(SERIAL), { name: 'Fixed', nameSource: 'settings' })
  await t.rejects(registry.rename(SERIAL, 'Other'), { code: 'BAD_REQUEST', message: /devices\[\]\.name of 0580/ })
  await t.rejects(registry.rename(SERIAL, null), { code: 'BAD_REQUEST' })
})
