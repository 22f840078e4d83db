import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import t, { type Test } from 'tap'
import { keys } from '../../../src/commands/keys/index.ts'
import { parseJson } from '../../../src/core/json.ts'
import { sealKeyFile } from '../../../src/store/secrets/key-file.ts'
import { open } from '../../store/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { call, run, temporaryFolder } from '../support.ts'

const FIRST = '404CCAAAD4E8A89860609800000149'
const SECOND = '058016000543464839373520000159'
const KEYS = ['AAD4EXAJX4E8A8XT', 'BBD4EXAJX4E8A8XT', 'CCD4EXAJX4E8A8XT'] as const
const PASSPHRASE = 'correct horse battery'
const CHEAP = 1

const device = (serial: string, more: object = {}) => ({
  serial,
  hw: 'ax',
  name: null,
  host: null,
  port: null,
  proven: null,
  firmware: null,
  counterBase: null,
  learned: {},
  features: [],
  sources: ['account:home'],
  ...more,
})

/** A data folder as a bridge leaves it: one device in two accounts, one of which gave the key that is accepted. */
function filled(t: Test): string {
  const dataDir = temporaryFolder(t)
  const clock = new FakeClock(Date.parse('2026-01-15T12:00:00Z'))
  const { store } = open(t, dataDir, { clock })
  store.keys.put('home', [{ serial: FIRST, key: KEYS[0] }])
  store.keys.put('cabin', [
    { serial: FIRST, key: KEYS[1] },
    { serial: SECOND, key: KEYS[2] },
  ])
  clock.jumpWall(60_000)
  store.keys.accepted(FIRST, KEYS[0])
  store.devices.save(
    device(FIRST, { name: 'Bathroom', host: '192.168.1.50', port: 80, counterBase: 'unix', learned: { a: 1 } }),
    device(SECOND, { sources: ['config', 'beacon'] }),
  )
  store.close()
  return dataDir
}

const rows = (text: string) => text.split('\n').map((line) => line.split(/ {2,}/))

t.test('lists what is held, masked', async (t) => {
  const given = call({ env: { T2M_DATA_DIR: filled(t) } })
  t.equal(await keys(given), 0)
  t.same(rows(given.terminal.text), [
    ['SERIAL', 'NAME', 'KEY', 'SOURCE', 'SINCE', 'LAST ACCEPTED', 'USED'],
    [SECOND, '-', 'CC********', 'cabin', '2026-01-15T12:00Z', 'never', 'yes'],
    [FIRST, 'Bathroom', 'BB********', 'cabin', '2026-01-15T12:00Z', 'never', 'no'],
    [FIRST, 'Bathroom', 'AA********', 'home', '2026-01-15T12:00Z', '2026-01-15T12:01Z', 'yes'],
  ])
  for (const key of KEYS) t.notMatch(given.terminal.text, key)
})

t.test('a key of the configuration overrides, and is marked so', async (t) => {
  const T2M_CONFIG = join(temporaryFolder(t), 'config.yaml')
  writeFileSync(T2M_CONFIG, `devices: [{serial: '${FIRST}', name: Bath, totp_key: ${KEYS[2]}}]`)
  const given = call({ env: { T2M_CONFIG, T2M_DATA_DIR: filled(t) } })
  t.equal(await keys(given), 0)
  t.same(
    rows(given.terminal.text).filter(([serial]) => serial === FIRST),
    [
      [FIRST, 'Bath', 'CC********', 'config (override)', '-', '-', 'yes'],
      [FIRST, 'Bath', 'BB********', 'cabin', '2026-01-15T12:00Z', 'never', 'no'],
      [FIRST, 'Bath', 'AA********', 'home', '2026-01-15T12:00Z', '2026-01-15T12:01Z', 'no'],
    ],
  )
  const fresh = call({ env: { T2M_CONFIG, T2M_DATA_DIR: temporaryFolder(t) } })
  await keys(fresh)
  t.match(fresh.terminal.text, /config \(override\)/, 'without a store as well')
})

t.test('none', async (t) => {
  const given = call({ env: { T2M_DATA_DIR: temporaryFolder(t) } })
  t.equal(await keys(given), 0)
  t.equal(given.terminal.text, 'No keys are stored. An account provides them: thermo2mqtt login')
})

t.test('export and import', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'keys.age')
  const options = { file }
  const exporting = call({
    words: ['export'],
    options,
    env: { T2M_DATA_DIR: filled(t) },
    answers: [PASSPHRASE, PASSPHRASE],
  })
  t.equal(await keys(exporting, CHEAP), 0)
  t.match(exporting.terminal.text, /^3 keys and 2 devices are in .*keys\.age, encrypted\./)
  t.same(
    exporting.terminal.asked.map(({ hidden }) => hidden),
    [true, true],
  )
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.notMatch(readFileSync(file, 'utf8'), new RegExp([...KEYS, FIRST, 'Bathroom', PASSPHRASE].join('|')))

  t.test('to an empty machine', async (t) => {
    const dataDir = temporaryFolder(t)
    const importing = call({ words: ['import'], options, env: { T2M_DATA_DIR: dataDir }, answers: [PASSPHRASE] })
    t.equal(await keys(importing), 0)
    t.match(importing.terminal.text, /^3 keys were imported\. A running bridge signs with them at once/)
    const { store } = open(t, dataDir)
    t.match(store.keys.of(FIRST), [
      { source: 'cabin', key: KEYS[1], lastAccepted: null },
      { source: 'home', key: KEYS[0], lastAccepted: Date.parse('2026-01-15T12:01:00Z') },
    ])
    t.same(
      store.devices.load(),
      [
        device(SECOND, { sources: ['beacon'] }),
        device(FIRST, { name: 'Bathroom', host: '192.168.1.50', port: 80, counterBase: 'unix', learned: { a: 1 } }),
      ],
      'that the configuration of the other machine named it says nothing here',
    )
  })

  t.test('what is newer or known here stays', async (t) => {
    const dataDir = temporaryFolder(t)
    const clock = new FakeClock(Date.parse('2026-02-01T00:00:00Z'))
    const { store } = open(t, dataDir, { clock })
    store.keys.put('home', [{ serial: FIRST, key: 'NEWERKEYOFTODAY1' }])
    store.devices.save(device(FIRST, { name: 'Bath', hw: null, sources: ['beacon'] }))
    const importing = call({ words: ['import'], options, env: { T2M_DATA_DIR: dataDir }, answers: [PASSPHRASE] })
    t.equal(await keys(importing), 0)
    t.match(importing.terminal.text, /^2 keys were imported; of 1 this machine holds the same or a newer one\./)
    t.match(store.keys.of(FIRST), [{ source: 'cabin' }, { source: 'home', key: 'NEWERKEYOFTODAY1' }])
    t.match(
      store.devices.load().find(({ serial }) => serial === FIRST),
      { name: 'Bath', hw: 'ax', host: '192.168.1.50', counterBase: 'unix', sources: ['beacon'] },
    )
    const again = call({ words: ['import'], options, env: { T2M_DATA_DIR: dataDir }, answers: [PASSPHRASE] })
    await keys(again)
    t.match(again.terminal.text, /^0 keys were imported; of 3 /)
  })

  t.test('a wrong passphrase, and files that are none, change nothing', async (t) => {
    const dataDir = temporaryFolder(t)
    const other = join(folder, 'other')
    const refused = (path: string, answers: readonly (string | undefined)[] = [PASSPHRASE]) =>
      keys(call({ words: ['import'], options: { file: path }, env: { T2M_DATA_DIR: dataDir }, answers }))
    await t.rejects(refused(file, ['wrong horse battery']), { message: /^The passphrase is wrong/ })
    await t.rejects(refused(file, [undefined]), { name: 'UsageError', message: /no passphrase/ })
    await t.rejects(refused(join(folder, 'nothing')), { name: 'UsageError', message: /can't be read: there is no/ })
    writeFileSync(other, readFileSync(file).subarray(0, -30))
    await t.rejects(refused(other), { message: /incomplete or damaged/ })
    writeFileSync(other, '# my keys')
    await t.rejects(refused(other), { message: /^This is not a file/ })
    for (const [what, inside] of Object.entries(ODD)) {
      writeFileSync(other, await sealKeyFile(JSON.stringify(inside), PASSPHRASE, CHEAP))
      await t.rejects(refused(other), { code: 'BAD_REQUEST', message: /in it is not what this version/ }, what)
    }
    t.notOk(existsSync(join(dataDir, 'thermo2mqtt.db')))
  })

  t.test('times from the future win nothing', async (t) => {
    const dataDir = temporaryFolder(t)
    const clock = new FakeClock(Date.parse('2026-02-01T00:00:00Z'))
    const { store } = open(t, dataDir, { clock })
    const late = { serial: FIRST, source: 'home', key: KEYS[0], firstSeen: 9e15, lastAccepted: 9e15 }
    store.keys.merge([late])
    t.match(store.keys.of(FIRST), [{ firstSeen: clock.now(), lastAccepted: clock.now() }])
  })
})

const GOOD_KEY = { serial: FIRST, source: 'home', key: KEYS[0], firstSeen: 1, lastAccepted: null }

const ODD: Readonly<Record<string, unknown>> = {
  'no object': [],
  'no lists': { keys: {}, devices: [] },
  'a key that is none': { keys: [null], devices: [] },
  'a short key': { keys: [{ ...GOOD_KEY, key: 'short' }], devices: [] },
  'a bad serial': { keys: [{ ...GOOD_KEY, serial: '../x1' }], devices: [] },
  'a bad source': { keys: [{ ...GOOD_KEY, source: 'a/b' }], devices: [] },
  'a time that is none': { keys: [{ ...GOOD_KEY, firstSeen: -1 }], devices: [] },
  'a device that is none': { keys: [GOOD_KEY], devices: [{ serial: 'bridge' }] },
}

t.test('export refuses what would be unsafe or useless', async (t) => {
  const dataDir = filled(t)
  const folder = temporaryFolder(t)
  const file = join(folder, 'keys.age')
  const env = { T2M_DATA_DIR: dataDir }
  const exporting = (options: Record<string, string>, answers: readonly (string | undefined)[] = [], more = {}) =>
    keys(call({ words: ['export'], options, env, answers, ...more }), CHEAP)
  await t.rejects(exporting({}), { name: 'UsageError', message: /--file=<path>/ })
  await t.rejects(exporting({ file }, ['short']), { name: 'UsageError', message: /too short/ })
  await t.rejects(exporting({ file }, [PASSPHRASE, `${PASSPHRASE}!`]), { name: 'UsageError', message: /do not match/ })
  await t.rejects(exporting({ file }, [undefined]), { name: 'UsageError', message: /no passphrase/ })
  t.notOk(existsSync(file))
  const nothing = { env: { T2M_DATA_DIR: temporaryFolder(t) } }
  await t.rejects(exporting({ file }, [PASSPHRASE], nothing), { code: 'BAD_REQUEST', message: /^No keys are stored/ })
  await t.rejects(keys(call({ options: { file }, env })), { name: 'UsageError' })

  writeFileSync(join(folder, 'passphrase'), `${PASSPHRASE}\nand more\n`)
  const options = { file, 'passphrase-file': join(folder, 'passphrase') }
  t.equal(await exporting(options), 0)
  await t.rejects(exporting(options), { name: 'UsageError', message: /exists already/ })
  const nowhere = { ...options, file: join(folder, 'no', 'keys.age') }
  await t.rejects(exporting(nowhere), { name: 'UsageError', message: /can't be written \(ENOENT\)/ })
  const fresh = call({ words: ['import'], options, env: { T2M_DATA_DIR: temporaryFolder(t) } })
  t.equal(await keys(fresh), 0)
  t.same(fresh.terminal.asked, [])
  chmodSync(folder, 0o700)
  await t.rejects(exporting({ ...options, 'passphrase-file': join(folder, 'no') }), { name: 'UsageError' })
  writeFileSync(join(folder, 'passphrase'), 'x'.repeat(5000))
  await t.rejects(exporting({ ...options, file: `${file}2` }), { message: /too large/ })
})

t.test('through a pipe, in a process of its own', async (t) => {
  const dataDir = filled(t)
  const file = join(temporaryFolder(t), 'keys.age')
  const env = { T2M_DATA_DIR: dataDir }
  const exported = await run(t, ['keys', 'export', `--file=${file}`], { env, input: `${PASSPHRASE}\n${PASSPHRASE}\n` })
  t.equal(exported.code, 0, exported.stderr)
  const wrong = await run(t, ['keys', 'import', `--file=${file}`], { env, input: 'not the passphrase\n' })
  t.equal(wrong.code, 1)
  t.match(wrong.stderr, /\nthermo2mqtt: The passphrase is wrong[^\n]*\n$/)
  const { code, stdout } = await run(t, ['keys'], { env })
  t.equal(code, 0)
  t.notMatch(stdout + wrong.stderr + exported.stderr + exported.stdout, new RegExp([...KEYS, PASSPHRASE].join('|')))
})

t.test('forget needs the running bridge', async (t) => {
  const env = { T2M_DATA_DIR: filled(t), T2M_MQTT_EMBEDDED_PORT: String(await unusedPort()) }
  await t.rejects(keys(call({ words: ['forget', FIRST], env })), {
    code: 'INTERNAL',
    message: /^The bridge can't be asked: no broker can be reached .* Start the bridge/,
  })
})

t.test('forget hears the bridge whose state comes in one piece with the subscription', async (t) => {
  const broker = new Aedes()
  await broker.listen()
  const common = { cmd: 'publish', qos: 0, dup: false } as const
  const publish = (topic: string, payload: string, retain: boolean) =>
    broker.publish({ ...common, topic, payload, retain }, () => {})
  publish('thermo2mqtt/bridge/state', 'online', true)
  const asked: unknown[] = []
  broker.on('publish', ({ topic, payload }) => {
    if (topic !== 'thermo2mqtt/bridge/request/forget') return
    const { serial, transaction } = Object(parseJson(payload.toString()))
    asked.push(serial)
    publish('thermo2mqtt/bridge/response/forget', JSON.stringify({ ok: true, data: { serial }, transaction }), false)
  })
  const server = createServer((socket) => {
    socket.cork()
    const flush = setInterval(() => {
      socket.uncork()
      socket.cork()
    }, 50)
    socket.on('close', () => clearInterval(flush))
    broker.handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    broker.close()
  })
  const { port } = server.address() as AddressInfo
  const env = { T2M_DATA_DIR: filled(t), T2M_MQTT_EMBEDDED_PORT: String(port) }
  t.equal(await keys(call({ words: ['forget', FIRST], env })), 0)
  t.same(asked, [FIRST])
})
