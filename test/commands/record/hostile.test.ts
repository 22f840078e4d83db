/** What must not get into a recording, and what can't be recorded. */

import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { parseArguments } from '../../../src/commands/console/arguments.ts'
import { record } from '../../../src/commands/record/index.ts'
import { list, object } from '../../support/fixtures.ts'
import { listening } from '../../support/listening.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { call } from '../support.ts'
import { prepared, recorded } from './rig.ts'

/** Answers each cmd with a text. */
async function answering(t: Test, answers: Readonly<Record<number, string>>, otherwise = '') {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => {
      body += piece
    })
    request.on('end', () => response.end(answers[JSON.parse(body).cmd] ?? otherwise))
  })
  return { host: '127.0.0.1', port: await listening(t, server) }
}

const PERSONAL = [
  'MyHomeWifi',
  'a4:cf:12:03:9a:7b',
  '192.168.1.57',
  'hunter2secret',
  'Olena Kovalenko',
  '48151623',
  'olena@example.com',
  '3232235833',
]

t.test('nothing personal is recorded, wherever a device puts it', async (t) => {
  const [ssid, mac, ip, token, name, id, mail, packed] = PERSONAL
  const unit = await answering(
    t,
    {
      1: JSON.stringify({
        sn: SERIAL,
        par: [
          [2, 2, '1'],
          [5, 1, '30'],
          [70, 0, ssid],
          [2, 0, name],
          [71, 6, packed],
          [1, 6, '536112000'],
        ],
      }),
      4: JSON.stringify({
        sn: SERIAL.toLowerCase(),
        't.1': '400',
        't.0': name,
        'o.0': '-64',
        'o.7': ip,
        'o.8': Number(packed),
        time: '799767684',
        ssid,
        mac,
        ip,
        token,
        cloudId: Number(id),
        owner: { name, mail: [mail], [String(mac)]: 1, deep: { er: { and: { deeper: { still: { more: ssid } } } } } },
        display: ssid,
        deviceId: Number(id),
      }),
      2: JSON.stringify({ sn: SERIAL, tt: { '0': [[360, 300]], note: [[name]] } }),
    },
    '{"success":"true"}',
  )
  const beacon = JSON.stringify({
    sn: SERIAL,
    hw: 'qx',
    ssid,
    ip,
    connection: name,
    wifi: '-60',
    display: mail,
    cloud: token,
  })
  const { path, fixture } = await recorded(t, unit, { beacon: () => beacon })
  const text = readFileSync(path, 'utf8')
  t.same(
    [...PERSONAL, SERIAL, SERIAL.toLowerCase()].filter((each) => text.includes(each)),
    [],
  )
  const answers = list(fixture.exchanges).map((exchange) => object(exchange).response)
  t.match(answers[0], {
    sn: /^0123456789ABCDEF0123456789ABCD$/,
    par: [
      [2, 2, '1'],
      [5, 1, '30'],
      [70, 0, '[10 characters]'],
      [2, 0, '[15 characters]'],
      [71, 6, '[10 characters]'],
      [1, 6, '536112000'],
    ],
  })
  t.match(answers[1], {
    't.1': '400',
    'o.0': '-64',
    'o.7': '[12 characters]',
    time: '799767684',
    ssid: '[10 characters]',
    cloudId: '[8 characters]',
  })
  t.match(answers[2], { tt: { '0': [[360, 300]] } })
  t.match(answers[4], { success: 'true' })
  t.match(JSON.parse(String(list(fixture.datagrams)[0])), { hw: 'qx', wifi: '-60', ssid: '[10 characters]' })
})

t.test('hostile answers', async (t) => {
  const deep = `{"sn":"${SERIAL}","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
  const escapes = { sn: '\u001b[31mred', '\u001b]0;title\u0007': 1, 't.1': '\u009b31m', connection: '\u202eabc' }
  const unit = await answering(t, {
    1: deep,
    4: JSON.stringify(escapes),
    2: JSON.stringify({ sn: 'AAAA0001', tt: { '0': [[1, 2]] } }),
    10: `{"sn":"${SERIAL}","ttAir":"${'x'.repeat(70_000)}"}`,
    3: `{"__proto__":{"polluted":1},"constructor":"me","sn":"${SERIAL}","time":"1"}`,
  })
  const { fixture, path, call: given } = await recorded(t, unit)
  const shown = [readFileSync(path, 'utf8'), ...given.terminal.errs].join('\n')
  t.notMatch(shown.replaceAll('\n', ''), /[\p{Cc}\u202a-\u202e]/u)
  t.same(
    list(fixture.exchanges).map((exchange) => [object(object(exchange).request).cmd, object(exchange).failure ?? null]),
    [
      [1, null],
      [4, 'DEVICE_BAD_REPLY'],
      [2, 'DEVICE_BAD_REPLY'],
      [10, 'DEVICE_BAD_REPLY'],
      [3, null],
    ],
  )
  t.match(given.terminal.errs.join('\n'), /At .* another thermostat answers \(AAAA0001/)
  t.match(given.terminal.errs.join('\n'), /longer than 64 KiB/)
  t.notOk(Object.hasOwn(Object.prototype, 'polluted'))
})

async function refusal(t: Test, unit: { readonly host: string; readonly port: number }): Promise<string> {
  const { given, path } = await prepared(t, unit, {})
  const message = await record(given).then(
    () => 'recorded',
    (error: Error) => `${error.constructor.name}: ${error.message}`,
  )
  t.throws(() => readFileSync(path), { code: 'ENOENT' }, 'no file is left')
  return message
}

t.test('where there is no such device, nothing is recorded', async (t) => {
  const nobody = { host: '127.0.0.1', port: await unusedPort('127.0.0.1') }
  t.match(
    await refusal(t, nobody),
    /^BridgeError: Nothing was recorded\. Nothing answers at 127\.0\.0\.1.* Check that 127\.0\.0\.1 is the address/,
  )
  t.match(
    await refusal(t, await answering(t, {}, '<html>router</html>')),
    /gives no answer of a Terneo or Welrok device\. .*is not JSON/,
  )
  t.match(await refusal(t, await answering(t, {}, '{"hello":"world"}')), /contain nothing that such a device sends/)
  t.match(await refusal(t, await answering(t, {}, '')), /no longer answers|is empty/)
})

t.test('it ends with Ctrl+C, while it asks and while it listens', async (t) => {
  const unit = await startThermostat(t)
  const { given } = await prepared(t, unit, { seconds: 3600 })
  unit.quirks.injectReplies = ['no-answer']
  const asking = record(given).then(
    () => 'recorded',
    (error: Error) => error.message,
  )
  unit.on('request', () => given.signals.emit('SIGINT', 'SIGINT'))
  t.match(await asking, /^Nothing was recorded: you ended it/)
  const again = await prepared(t, unit, { seconds: 3600 })
  const listening = record(again.given)
  while (!again.given.terminal.errs.some((line) => line.startsWith('Listening'))) await setImmediate()
  again.given.signals.emit('SIGINT', 'SIGINT')
  t.equal(await listening, 0)
  t.ok(readFileSync(again.path))
})

t.test('wrong usage', async (t) => {
  const usage = (host?: string) =>
    record(call({ options: host === undefined ? {} : { host } })).then(
      () => 'recorded',
      (error: Error) => `${error.name}: ${error.message}`,
    )
  t.match(await usage(), /^UsageError: record needs the address of the device: record --host=192\.168\.1\.50/)
  for (const bad of [
    '',
    'a b',
    'http://x',
    '1.2.3.4:0',
    '1.2.3.4:65536',
    '[::1]',
    'fe80::1',
    '\u001b[31m',
    '$(reboot)',
  ]) {
    t.match(await usage(bad), /^UsageError: --host must be an IPv4 address or a host name/, JSON.stringify(bad))
  }
  t.throws(() => parseArguments(['run', '--host=1.2.3.4']), /--host is for record, not for run/)
  const unit = await startThermostat(t)
  const { given, path } = await prepared(t, unit, { beacon: () => unit.beacon() })
  writeFileSync(path, 'mine')
  await t.rejects(record(given), { name: 'UsageError', message: /exists already and was not overwritten/ })
  t.same(unit.requests, [], 'which is seen before anything is asked')
  t.equal(readFileSync(path, 'utf8'), 'mine')
})

t.test('without a file it goes to the output, and the broadcasts of others are left out', async (t) => {
  const unit = await startThermostat(t)
  const { given } = await prepared(t, unit, { beacon: () => unit.beacon().replace(SERIAL, 'FFFF0006') })
  const { file: _file, ...options } = given.options
  const timer = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(timer))
  t.equal(await record({ ...given, options }), 0)
  t.match(JSON.parse(given.terminal.text), { exchanges: [{ request: { cmd: 1 } }], datagrams: [] })
})
