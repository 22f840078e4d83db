/** `list`, `get` and `set`, asked of a bridge that runs. */
import t, { type Test } from 'tap'
import type { Command } from '../../../src/commands/command.ts'
import { get, list, set } from '../../../src/commands/house/values.ts'
import { parseJson } from '../../../src/core/json.ts'
import { open } from '../../store/support.ts'
import { eventually } from '../../support/e2e.ts'
import { bridge } from '../running/alive.ts'
import { call, openHouse, temporaryFolder } from '../support.ts'

async function opened(t: Test) {
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [
      { model: 'ax', serial: 'AX000001', name: 'ax', lock: 'none' },
      { model: 'ax', serial: 'AX000002', name: 'ax', lock: 'none' },
    ],
  })
  const dataDir = temporaryFolder(t)
  const alive = await bridge(t, dataDir)
  for (const [{ serial, host, port }, name] of house.thermostats.map(
    (unit, n) => [unit, ['Bath', 'Hall'][n]] as const,
  )) {
    await alive.anew('POST', '/settings/devices', { serial, host, port, name })
  }
  const online = async () => {
    const { devices } = (await alive.ask('GET', '/devices')).body
    return Array.isArray(devices) && devices.length === 2 && devices.every(({ online }) => online === true)
  }
  await eventually('both answer', online)
  const run = async (command: Command, words: readonly string[], options = {}) => {
    const input = call({ flags: { data_dir: dataDir }, words, options })
    const code = await command(input)
    return { code, text: input.terminal.text }
  }
  return { house, dataDir, alive, run }
}

t.test('thermostats are listed, read and set', async (t) => {
  const { house, dataDir, alive, run } = await opened(t)
  const { text } = await run(list, [])
  t.match(text, /^name +serial +state +now +target +mode +action\nBath +AX000001 +online +[\d.]+ °C +[\d.]+ °C/)
  t.equal(text.split('\n').length, 3)
  t.match(parseJson((await run(list, [], { json: '' })).text), { devices: [{ serial: 'AX000001' }, { name: 'Hall' }] })

  const command = await run(set, ['bath', 'mode=heat', 'target_temperature=23.5'])
  t.equal(command.code, 0)
  t.match(command.text, /^Bath: mode is heat\nBath: target_temperature is 23\.5$|^Bath: target_temperature is (23|24)/m)
  t.ok((house.thermostat('AX000001')?.writes.length ?? 0) > 0)
  t.equal(house.thermostat('AX000002')?.writes.length, 0)
  t.equal((await run(get, ['AX000001', 'mode'])).text, 'heat')
  t.equal((await run(get, ['Bath', 'mode'], { json: '' })).text, '"heat"')
  t.match((await run(get, ['hall'])).text, /^target_temperature +\d+/m)
  t.match(parseJson((await run(get, ['hall'], { json: '' })).text), { serial: 'AX000002', state: {} })
  t.match(parseJson((await run(set, ['Hall', 'brightness=5'], { json: '' })).text), { state: { brightness: 5 } })

  await t.rejects(run(get, ['Bath', 'constructor']), { message: /does not show "constructor", only: / })
  await t.rejects(run(get, ['AX00']), { message: /"AX00" can be AX000001 and AX000002/ })
  await t.rejects(run(get, ['Cellar']), { code: 'UNKNOWN_DEVICE', message: /thermo2mqtt list/ })
  await t.rejects(run(set, ['Bath', 'target_temperature']), { message: /is not <key>=<value>/ })
  await t.rejects(run(set, ['Bath', 'target_temperature=900']), { code: 'OUT_OF_RANGE' })
  await t.rejects(run(set, ['Bath', 'constructor=1']), { code: 'UNKNOWN_KEY' })

  const { store } = open(t, dataDir, {})
  t.strictSame(store.apiTokens.list(), [], 'no token is left behind')
  t.match((await alive.ask('GET', '/audit?limit=50')).text, /"who":"token:command line, [^"]+"|command line, /)
})

t.test('without a bridge it is said what to do', async (t) => {
  const flags = { data_dir: temporaryFolder(t) }
  await t.rejects(list(call({ flags })), { code: 'INTERNAL', message: /No bridge uses .* now\. Start it, or name/ })
})
