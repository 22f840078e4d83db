import t from 'tap'
import { open } from '../../store/support.ts'
import { call, openHouse } from '../support.ts'
import { diagnose, KEY, meet, quiet } from './rig.ts'

t.test('thermostats: address, serial, clock, lock, key, signing', async (t) => {
  const { env, dataDir } = await quiet(t)
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [
      {
        model: 'ax',
        serial: 'AX000001',
        name: 'Signed',
        lock: 'lan',
        counterBase: '2000',
        clockOffset: 0,
        clockDrift: 1,
      },
      {
        model: 'oz',
        serial: 'OZ000002',
        name: 'Unix',
        lock: 'lan',
        counterBase: 'unix',
        utcOffset: 2,
        clockCounts: 'local',
      },
      { model: 'ax', serial: 'AX000003', name: 'Wrong key', lock: 'lan', key: KEY },
      { model: 'ax', serial: 'AX000004', name: 'No key', lock: 'lan' },
      { model: 'ax', serial: 'AX000005', name: 'Locked', lock: 'both' },
      { model: 'ax', serial: 'AX000006', name: 'Open', lock: 'none', clockOffset: -1000 },
      { model: 'ax', serial: 'AX000007', name: 'Off' },
      { model: 'ax', serial: 'AX000008', name: 'Moved' },
      { model: 'ax', serial: 'AX000010', name: 'Unproven', lock: 'lan' },
    ],
  })
  const store = meet(t, dataDir, house, ['AX000001', 'OZ000002', 'AX000003', 'AX000010'])
  house.thermostat('AX000003')?.rebind('FEDCBA9876543210')
  await house.thermostat('AX000007')?.unplug()
  const [first] = store.devices.load()
  const unproven = store.devices.load().find(({ serial }) => serial === 'AX000010')
  if (unproven) store.devices.save({ ...unproven, proven: { host: '192.168.1.50', port: 80 } })
  const told = (type: string, fault: string) => {
    store.events.add([{ at: 0, type, serial: 'AX000006', account: null, message: '', details: { fault } }])
  }
  for (const fault of ['address_conflict', 'lock_alarm', 'overheated']) told('fault_began', fault)
  if (first) {
    store.devices.save({ ...first, serial: 'AX000008', name: 'Moved' })
    store.devices.save({ ...first, serial: 'AX000009', name: 'Lost', host: null, port: null })
  }
  const brightness = house.thermostat('AX000001')?.parameter(23)
  const { code, text } = await diagnose(call({ env, options: { write: '' } }))
  t.equal(code, 1)
  const of = (name: string) =>
    text.split('\n').filter((line) => line.includes(`] ${name} (`) || line.includes(`]   ${name} (`))
  t.match(text, /\[ok\] {3}4 keys from account home/)
  t.match(of('Signed'), [
    /^ {2}\[ok\] {3}Signed \(AX000001\): answers at 127\.0\.0\.1:\d+ with its serial$/,
    /its clock is [01] s (ahead of|behind) this machine's$/,
    /\[ok\] .*lock lan, key from account home: accepts signed commands, counter base 2000 \(its brightness \d+ was written/,
  ])
  t.match(of('Unix'), [
    /\[ok\]/,
    /its clock is 7[12]\d\d s ahead of this machine's, as in a zone of 2 h$/,
    /\[ok\].*signed commands.*unix/,
  ])
  t.match(
    of('Wrong key')[2],
    /\[fail\].*lock lan, key from account home, but a signed write is refused: .*bound to another/,
  )
  t.match(of('Unproven')[2], /\[warn\].*is not proven yet, so nothing was signed for it/)
  t.same(house.thermostat('AX000010')?.writes, [])
  t.match(of('Open').slice(0, 2), [
    /\[warn\].*answers with its serial number/,
    /\[fail\].*its lock has changed, and the bridge did not change it/,
  ])
  t.match(of('No key')[2], /\[fail\].*no key is stored/)
  t.match(of('Locked')[2], /\[fail\].*lock both/)
  t.match(
    text,
    /unlock it in the menu of the device, item bLc \(Terneo: .*Welrok: .*oFF/,
    'all ways, while no beacon said what it is',
  )
  t.match(of('Open').slice(2), [
    /\[ok\]/,
    /\[warn\].*its clock is \d{3,4} s behind this machine's$/,
    /\[ok\].*lock none: commands need no signature/,
  ])
  t.match(of('Off'), [/\[fail\].*Nothing answers at/])
  t.match(of('Moved'), [/\[fail\].*another thermostat answers \(AX000001, not AX000008\)/])
  t.match(of('Lost'), [/\[warn\].*its address is not known/])
  t.match(text, /\n6 problems found, \d warnings?\.$/)
  for (const { key } of house.thermostats) t.notMatch(text, key)

  const writes = house.thermostat('AX000001')?.writes ?? []
  t.ok(
    writes.length >= 1 && writes.every(({ body }) => JSON.stringify(body).includes(`"par":[[23,2,"${brightness}"]]`)),
    'nothing else is written',
  )
  for (const serial of ['AX000004', 'AX000005', 'AX000006']) {
    t.strictSame(house.thermostat(serial)?.writes, [], `${serial} is only read`)
  }
})

t.test('relays: reached, with the clock of a D2W, and signed for', async (t) => {
  const { env, dataDir } = await quiet(t)
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [],
    relays: [
      { model: 'ms', serial: 'MS000001', name: 'Relay', clockOffset: 0, quirks: { minSpacing: 0 } },
      { model: 'd2w', serial: 'DW000002', name: 'Mains', clockOffset: 1000, quirks: { minSpacing: 0 } },
      { model: 'd2w', serial: 'DW000003', name: 'Garage', quirks: { minSpacing: 0, switchesOn: 1 } },
      { model: 'd2w', serial: 'DW000004', name: 'Shed', quirks: { minSpacing: 0 } },
      { model: 'ms', serial: 'MS000005', name: 'Keyless', lock: 'lan', quirks: { minSpacing: 0 } },
      { model: 'd2w', serial: 'DW000006', name: 'Shut', lock: 'both', quirks: { minSpacing: 0 } },
    ],
  })
  const { store } = open(t, dataDir, {})
  store.keys.put(
    'home',
    house.relays.slice(0, 4).map(({ serial, key }) => ({ serial, key })),
  )
  const met = meet(t, dataDir, house, [])
  const [ms] = met.devices.load().filter(({ serial }) => serial === 'MS000001')
  if (ms) met.devices.save({ ...ms, firmware: '2.34' })
  house.relays.find(({ serial }) => serial === 'DW000004')?.setLocally(119, 1)
  const { text } = await diagnose(call({ env, options: { write: '' } }))
  t.match(text, /\[ok\] {3}Mains \(DW000002\): 119 = false switches it on, as it has shown by a closed relay/)
  t.match(text, /\[ok\] {3}Garage \(DW000003\): 119 = true switches it on, as it has shown by a closed relay/)
  t.match(text, /\[warn\] Shed \(DW000004\): it has not shown yet which value of parameter 119 switches it on/)
  t.match(text, /Relay \(MS000001\): answers at 127\.0\.0\.1:\d+ with its serial, firmware 2\.34\n/)
  t.match(text, /\[ok\] {3}Relay \(MS000001\): answers at 127\.0\.0\.1:\d+ with its serial/)
  t.match(text, /\[ok\] {3}Mains \(DW000002\): answers at 127\.0\.0\.1:\d+ without its serial, as a D2W does/)
  t.match(text, /\[fail\] Keyless \(MS000005\): lock lan, and no key[^[]*hold its right button for 36 to 39 s/)
  t.match(text, /\[fail\] Shut \(DW000006\): lock both[^[]*hold its right button for 36 to 39 s[^[]*CLOUD BLOCK/)
  t.notMatch(text, /bLc/, 'which relays have not')
  t.match(text, /\[warn\] Mains \(DW000002\): its clock is \d+ s ahead/)
  for (const name of ['Relay \\(MS000001\\)', 'Mains \\(DW000002\\)']) {
    t.match(text, new RegExp(`\\[ok\\] {3}${name}: lock lan, key from account home: .*signed commands.*brightness`))
  }
})

t.test('one that tells what it measures but not its settings, and one that takes 7 s', async (t) => {
  const { env, dataDir } = await quiet(t)
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [
      { model: 'sx', serial: 'SX000001', name: 'Half', lock: 'none', quirks: { deafTo: [1] } },
      { model: 'ax', serial: 'AX000002', name: 'Slow', lock: 'none', quirks: { latency: 700 } },
    ],
  })
  const store = meet(t, dataDir, house, [])
  const told = (type: string, serial: string, message: string, host: string) => {
    store.events.add([{ at: Date.now(), type, serial, account: null, message, details: { host } }])
  }
  told('device_unconfirmed', 'AX000003', 'heard, and empty', '192.168.1.7')
  told('device_unconfirmed', 'AX000004', 'heard, and found since', '192.168.1.8')
  told('device_found', 'AX000004', 'found', '192.168.1.8')
  const { text } = await diagnose(call({ env: { ...env, T2M_DEVICE_TIMEOUT: '500ms' } }))
  t.match(text, /\[warn\] Half \(SX000001\): reports its measurements but not its settings.*\n.*power off and on/)
  t.match(text, /\[ok\] {3}Slow \(AX000002\): answers at/)
  t.match(text, /\[warn\] heard, and empty/)
  t.notMatch(text, /found since/)
})
