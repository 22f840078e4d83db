import t from 'tap'
import { Keyring } from '../../../src/cloud/account/keyring.ts'
import { EMAIL, KEY, SERIAL, startCloud } from '../../support/simulator.ts'
import { bridge, HOUR, until } from '../support.ts'
import { keyring, OTHER, start } from './keyring-rig.ts'

t.test('the key of the cloud, with where and when', async (t) => {
  const { ring, clock } = await start(t)
  t.same(ring.get(SERIAL), { key: KEY, source: 'home', since: clock.now() })
  t.equal(ring.get('unknown1'), undefined)
})

t.test('a configured key overrides, is marked, and no cloud is asked about it', async (t) => {
  const { ring, cloud, clock, log } = await start(t, [[SERIAL, OTHER]])
  t.same(ring.get(SERIAL), { key: OTHER, source: 'config', since: clock.now() })
  t.equal(await ring.refresh(SERIAL, OTHER), false)
  t.equal(await ring.refresh(SERIAL, KEY), true, 'it differs from what was refused')
  t.equal(cloud.requests.length, 2)
  log.logger.info(`${OTHER} ${KEY}`)
  t.notMatch(log.text(), new RegExp(`${OTHER}|${KEY}`))
})

t.test('what is known of the keys held, without the keys', async (t) => {
  const { ring, clock } = await start(t)
  const since = clock.now()
  const fresh = { serial: SERIAL, source: 'home', since, lastAccepted: null, refused: false, used: true }
  t.same(ring.of(SERIAL), [{ ...fresh, masked: `${KEY.slice(0, 2)}********` }])
  await ring.refresh(SERIAL, KEY)
  t.match(ring.of(SERIAL), [{ refused: true }])
  await clock.advance(1000)
  ring.accepted(SERIAL, KEY)
  t.match(ring.of(SERIAL), [{ refused: false, lastAccepted: since + 1000 }])
  t.same(ring.of('unknown1'), [])
  const own = (await start(t, [[SERIAL, OTHER]])).ring
  t.match(own.of(SERIAL), [
    { source: 'config', since: null, used: true, refused: false, masked: 'BB********' },
    { source: 'home', used: false },
  ])
  await own.refresh(SERIAL, OTHER)
  t.match(own.of(SERIAL)[0], { refused: true })
  own.accepted(SERIAL, OTHER)
  t.match(own.of(SERIAL)[0], { refused: false, lastAccepted: Number })
  t.strictSame(own.configured, [SERIAL])
})

t.test('a refused key: the cloud is asked once, at most once a minute, in-flight requests shared', async (t) => {
  const { ring, cloud, clock } = await start(t)
  const asked = () => cloud.requests.length
  t.equal(asked(), 2)
  t.same(await Promise.all([ring.refresh(SERIAL, KEY), ring.refresh(SERIAL, KEY)]), [false, false])
  t.equal(asked(), 3)
  const changed = cloud.rebind(SERIAL)
  t.equal(await ring.refresh(SERIAL, KEY), false, 'too soon')
  t.equal(asked(), 3)
  await clock.advance(60_000)
  t.equal(await ring.refresh(SERIAL, KEY), true)
  t.equal(asked(), 4)
  t.match(ring.get(SERIAL), { key: changed })
  t.equal(await ring.refresh(SERIAL, KEY), true, 'who still used the old key is told of the new one at once')
  t.equal(asked(), 4)
})

t.test('a device without key is looked for in the cloud', async (t) => {
  const it = await start(t)
  const { ring, cloud, clock } = it
  cloud.setDevices(EMAIL, [{ sn: 'NEW1', totp_key: OTHER }])
  t.equal(await ring.refresh('NEW1', undefined), true)
  t.match(ring.get('NEW1'), { key: OTHER })
  const before = clock.monotonic()
  t.equal(await it.clock.until(ring.refresh('NEW2', undefined), 250), false)
  t.ok(clock.monotonic() - before >= 9_000, 'it waits for the turn of its account')
})

t.test('one device whose key is refused does not use up the account of another', async (t) => {
  const it = await start(t)
  const { ring, cloud, clock } = it
  cloud.setDevices(EMAIL, [
    { sn: SERIAL, totp_key: KEY },
    { sn: 'OTHER1', totp_key: OTHER },
  ])
  t.equal(await it.clock.until(ring.refresh(SERIAL, KEY), 250), false)
  const newer = cloud.rebind('OTHER1', 'CCCCCCCCCCCCCCCC')
  t.equal(await it.clock.until(ring.refresh('OTHER1', OTHER), 250), true, 'asked for all the same')
  t.match(ring.get('OTHER1'), { key: newer })
  t.equal(await ring.refresh(SERIAL, KEY), false)
  t.match(ring.unasked(SERIAL), [
    /^The account home was asked \d+ s ago and had no newer key; it is asked again within a minute\.$/,
  ])
  const later = cloud.rebind(SERIAL)
  await clock.advance(60_000)
  await until(() => ring.get(SERIAL)?.key === later)
  t.match(ring.get(SERIAL), { key: later }, 'a sync followed by itself')
})

t.test('a thousand devices whose keys are refused ask six times a minute at most', async (t) => {
  const it = await start(t)
  const { ring, cloud } = it
  const before = cloud.requests.length
  await it.clock.until(Promise.all(Array.from({ length: 300 }, (_, i) => ring.refresh(`DEV${i}`, undefined))), 250)
  t.equal(cloud.requests.length - before, 1, 'one list for all')
})

t.test('why the cloud could not be asked', async (t) => {
  const { ring, cloud } = await start(t)
  await cloud.down()
  t.equal(await ring.refresh(SERIAL, KEY), false)
  const notKnown = [/^It is not known whether the account home has a newer key: .*ECONN/]
  t.match(ring.unasked(SERIAL), notKnown)
  t.equal(await ring.refresh(SERIAL, KEY), false)
  t.match(ring.unasked(SERIAL), notKnown, 'nor a moment later, when it is not asked again')
  ring.accepted(SERIAL, KEY)
  t.same(ring.unasked(SERIAL), [])
})

t.test('the key before stays until the device has accepted the new one, also over a restart', async (t) => {
  const dataDir = t.testdir()
  const cloud = await startCloud(t)
  const first = bridge(t, cloud.url, { dataDir })
  await first.clouds.sync()
  const ring = keyring(first)
  ring.accepted(SERIAL, KEY)
  await first.clock.advance(1000)
  const newer = cloud.rebind(SERIAL)
  await first.clouds.sync()
  t.match(ring.get(SERIAL), { key: newer }, 'the new one is tried first')
  await first.close()
  const second = bridge(t, cloud.url, { dataDir, clock: first.clock })
  const later = keyring(second)
  const { length } = cloud.requests
  t.equal(await later.refresh(SERIAL, newer), true, 'the device refuses it: the cloud is ahead')
  t.match(later.get(SERIAL), { key: KEY })
  t.equal(cloud.requests.length, length, 'nobody had to be asked')
  await second.clock.advance(1000)
  later.accepted(SERIAL, KEY)
  t.match(later.get(SERIAL), { key: KEY }, 'the one that works is remembered')
  await second.clock.advance(60_000)
  t.equal(await later.refresh(SERIAL, KEY), true, 'the device has caught up')
  t.match(later.get(SERIAL), { key: newer })
  await second.clock.advance(1000)
  later.accepted(SERIAL, newer)
  t.same(
    later.of(SERIAL).map(({ used }) => used),
    [true],
    'the former one is gone',
  )
  t.match(second.store.keys.all(), [{ serial: SERIAL, key: newer }])
  t.equal(second.store.keys.all().length, 1)
})

t.test('a newer key of another machine leaves the one that the device has accepted', async (t) => {
  const { ring, cloud, clock, store } = await start(t)
  ring.accepted(SERIAL, KEY)
  await cloud.down()
  await clock.advance(1000)
  store.keys.merge([{ serial: SERIAL, source: 'home', key: OTHER, firstSeen: clock.now(), lastAccepted: null }])
  t.match(ring.get(SERIAL), { key: OTHER })
  t.equal(await ring.refresh(SERIAL, OTHER), true, 'the device does not have it yet')
  t.match(ring.get(SERIAL), { key: KEY })
})

t.test('a cloud that goes back to the key before', async (t) => {
  const { ring, cloud, clouds, clock, store } = await start(t)
  ring.accepted(SERIAL, KEY)
  await clock.advance(1000)
  cloud.rebind(SERIAL, OTHER)
  await clouds.sync()
  cloud.rebind(SERIAL, KEY)
  await clouds.sync()
  t.match(ring.get(SERIAL), { key: KEY })
  ring.accepted(SERIAL, KEY)
  await clock.advance(3_600_000)
  ring.accepted(SERIAL, KEY)
  t.same(
    store.keys.of(SERIAL).map(({ key }) => key),
    [KEY],
  )
})

t.test('the cloud away: false, and the old key stays', async (t) => {
  const { ring, cloud } = await start(t)
  await cloud.down()
  t.equal(await ring.refresh(SERIAL, KEY), false)
  t.match(ring.get(SERIAL), { key: KEY })
})

t.test('without any account', async (t) => {
  const all = bridge(t, '', { accounts: [] })
  const ring = keyring(all, [[SERIAL, KEY]])
  all.clouds.start()
  t.same(await all.clouds.sync(), [])
  t.match(ring.get(SERIAL), { key: KEY, source: 'config' })
  t.equal(await ring.refresh('NEW1', undefined), false)
})

t.test('that a key is accepted is written once an hour', async (t) => {
  const { ring, store, clock } = await start(t)
  const last = () => store.keys.of(SERIAL)[0]?.lastAccepted
  const first = clock.now()
  ring.accepted(SERIAL, KEY)
  ring.accepted(SERIAL, 'nobody knows it!')
  t.equal(last(), first)
  await clock.advance(HOUR - 1)
  ring.accepted(SERIAL, KEY)
  t.equal(last(), first)
  await clock.advance(1)
  ring.accepted(SERIAL, KEY)
  t.equal(last(), first + HOUR)
})

t.test(
  'a key that goes on being accepted costs no look into the store, until another was refused meanwhile',
  async (t) => {
    const all = await start(t)
    let looks = 0
    const counting = {
      of: (serial: string) => {
        looks++
        return all.store.keys.of(serial)
      },
      accepted: (serial: string, key: string) => all.store.keys.accepted(serial, key),
    }
    const { clouds: source, clock, log } = all
    const ring = new Keyring({ configured: new Map(), keys: counting, source, clock, ...log })
    ring.accepted(SERIAL, KEY)
    looks = 0
    for (let command = 0; command < 10; command++) ring.accepted(SERIAL, KEY)
    t.equal(looks, 0)
    await all.clock.until(ring.refresh(SERIAL, OTHER), 250)
    looks = 0
    ring.accepted(SERIAL, KEY)
    t.not(looks, 0)
  },
)

t.test('a store that fails is told once, and nothing throws', async (t) => {
  const { ring, store, log, clouds } = await start(t)
  store.close()
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(ring.get(SERIAL), undefined)
  t.equal(await ring.refresh(SERIAL, KEY), false)
  ring.accepted(SERIAL, KEY)
  await clouds.stop()
  t.equal(log.problems().filter(({ msg }) => /stored device keys/.test(msg)).length, 1)
})
