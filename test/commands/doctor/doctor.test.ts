import { chmodSync } from 'node:fs'
import t from 'tap'
import { open } from '../../store/support.ts'
import { call, openHouse } from '../support.ts'
import { diagnose, KEY, quiet } from './rig.ts'

t.test('a fresh installation', async (t) => {
  const { env } = await quiet(t)
  const { code, text } = await diagnose(call({ env }))
  t.equal(code, 0)
  t.match(text, /^Configuration\n {2}\[ok\] {3}no file; page, environment and defaults: valid, with 0 cloud accounts/)
  t.match(text, /\[ok\] {3}.* contains no store yet/)
  t.match(text, /\[ok\] {3}embedded: 127\.0\.0\.1:\d+ is free/)
  t.match(text, /\[ok\] {3}127\.0\.0\.1:\d+ is free/)
  t.match(text, /\[ok\] {3}beacons can be received/)
  t.match(text, /\[warn\] discovery\.port is 0, but devices send only to 23500/)
  t.match(text, /\[warn\] none is stored.*\n {9}-> configure the account/)
  t.match(text, /\[warn\] none is known yet\n {9}-> thermo2mqtt discover/)
  t.match(text, /\n\nNo problem found, 3 warnings\.$/)
})

t.test('accounts: keys come, and no password is sent twice', async (t) => {
  const { env, dataDir } = await quiet(t)
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [{ model: 'oz', serial: 'OZ000001', name: 'Hall', lock: 'lan' }],
  })
  const [terneo, welrok] = house.clouds
  const [device] = house.thermostats
  const yaml = `
cloud:
  accounts:
    - {id: good, provider: welrok, url: '${welrok?.url}', username: house@welrok.example, password: virtual-house}
    - {id: bad, provider: terneo, url: '${terneo?.url}', username: house@terneo.example, password: wrong-hunter2}
    - {id: down, provider: terneo, url: 'http://127.0.0.1:9', username: me, password: wrong-hunter2}
devices:
  - {serial: OZ000001, host: 127.0.0.1, port: ${device?.port}}
  - {serial: OZ000002, totp_key: ${KEY}}
`
  const file = `${t.testdir({ 'config.yaml': yaml })}/config.yaml`
  chmodSync(file, 0o644)
  const given = { env: { ...env, T2M_CONFIG: file }, options: { write: '' } }

  const fresh = await diagnose(call(given))
  t.equal(fresh.code, 1)
  t.match(fresh.text, /\[warn\] .*config\.yaml contains secrets, and other users.*\n {9}-> chmod 600/)
  t.match(fresh.text, /\[ok\] {3}good \(welrok\): signed in, lists 1 device\n/)
  t.match(fresh.text, /\[fail\] bad \(terneo\) is refused\. .*\n.*thermo2mqtt login --account=bad/)
  t.match(fresh.text, /\[warn\] down \(terneo\) can't be reached/)
  t.match(
    fresh.text,
    /\[ok\] {3}1 key from the configuration \(overrides what accounts say\)\n {2}\[ok\] {3}1 key from account good\n/,
  )
  t.match(fresh.text, /\[ok\] {3}Hall \(OZ000001\): lock lan, key from account good: accepts signed commands/)
  t.match(fresh.text, /\[warn\] OZ000002: its address is not known/)
  t.notMatch(fresh.text, new RegExp(`hunter2|${KEY}|${device?.key}`))

  open(t, dataDir).store.close()
  const logins = () =>
    [terneo, welrok].map((cloud) => cloud?.requests.filter(({ path }) => path.startsWith('/api/login')).length)
  const before = logins()
  t.equal((await diagnose(call(given))).code, 1)
  const first = logins()
  t.strictSame(
    first,
    before.map((count) => (count ?? 0) + 1),
    'there was no store before to remember anything',
  )
  const again = await diagnose(call(given))
  t.equal(again.code, 1)
  t.strictSame(logins(), first, 'the stored sign-in is used, and the refused password not sent again')
  t.match(again.text, /\[ok\] {3}good \(welrok\): signed in/)
  t.match(again.text, /\[fail\] bad \(terneo\) is refused\. .*less than an hour ago/)
})

t.test('stores that are not as they should be', async (t) => {
  const { env, dataDir } = await quiet(t)
  const { store } = open(t, dataDir)
  store.keys.put('home', [{ serial: 'AAAA0001', key: KEY }])
  store.close()
  const fine = await diagnose(call({ env }))
  t.match(fine.text, /\[ok\] {3}.*thermo2mqtt\.db opens; its master key is store\.key beside it\n/)
  t.match(fine.text, /\[ok\] {3}1 key from account home/)
  const other = t.testdir({ key: `${Buffer.alloc(32, 7).toString('base64')}\n`, file: '' })
  chmodSync(`${other}/key`, 0o600)
  const foreign = await diagnose(call({ env: { ...env, T2M_STORE_KEY_FILE: `${other}/key` } }))
  t.equal(foreign.code, 1)
  t.match(foreign.text, /\[fail\] The master key .* does not open what is stored/)
  const broken = await diagnose(call({ env: { ...env, T2M_STORE_KEY_FILE: `${other}/file` } }))
  t.equal(broken.code, 1)
  t.match(broken.text, /\[fail\] .*contains no master key/)
  const nowhere = await diagnose(call({ env: { ...env, T2M_DATA_DIR: `${other}/file/data` } }))
  t.equal(nowhere.code, 1)
  t.match(nowhere.text, /\[fail\] .*file\/data can't be created: .*file is not a folder/)
})
