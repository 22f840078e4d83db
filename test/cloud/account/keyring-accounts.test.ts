/** Keys from several accounts: which of them are asked, and whose key counts. */
import t from 'tap'
import { EMAIL, KEY, PASSWORD, SERIAL, startCloud } from '../../support/simulator.ts'
import { bridge, HOUR } from '../support.ts'
import { keyring, OTHER } from './keyring-rig.ts'

t.test('one serial in two accounts: the newest key that the device accepts', async (t) => {
  const cloud = await startCloud(t, {
    accounts: [
      { email: EMAIL, password: PASSWORD, devices: [{ sn: SERIAL, totp_key: KEY }] },
      { email: 'b@email.com', password: PASSWORD, devices: [] },
    ],
  })
  const all = bridge(t, cloud.url, { accounts: [{ id: 'a' }, { id: 'b', username: 'b@email.com' }] })
  const { clouds, clock, store } = all
  await clouds.sync()
  await clock.advance(HOUR)
  cloud.setDevices('b@email.com', [{ sn: SERIAL, totp_key: OTHER }])
  await clouds.sync()
  const ring = keyring(all)
  t.match(ring.get(SERIAL), { key: OTHER, source: 'b' })
  const asked = cloud.requests.length
  t.equal(await ring.refresh(SERIAL, OTHER), true, 'the other one is tried before a cloud is asked')
  t.equal(cloud.requests.length, asked)
  t.match(ring.get(SERIAL), { key: KEY, source: 'a' })
  await clock.advance(1000)
  ring.accepted(SERIAL, KEY)
  t.match(ring.get(SERIAL), { key: KEY, source: 'a' })
  t.match(keyring(all).get(SERIAL), { key: KEY, source: 'a' }, 'also after a restart')
  t.equal(await ring.refresh(SERIAL, KEY), true)
  t.match(ring.get(SERIAL), { key: OTHER })
  t.equal(await ring.refresh(SERIAL, OTHER), false, 'both were refused')
  t.equal(cloud.requests.length, asked + 2, 'both accounts were asked')
  t.match(ring.get(SERIAL), { key: KEY }, 'the one last accepted')
  t.equal(store.keys.of(SERIAL).length, 2)
})

t.test('the accounts that may know are asked first, the others only when those have no other key', async (t) => {
  const cloud = await startCloud(t)
  const other = await startCloud(t, { accounts: [{ email: EMAIL, password: PASSWORD, devices: [] }] })
  const all = bridge(t, cloud.url, { accounts: [{ id: 'home' }, { id: 'office', url: other.url }] })
  const ring = keyring(all)
  await all.clouds.sync()
  const before = other.requests.length
  cloud.rebind(SERIAL)
  t.equal(await ring.refresh(SERIAL, KEY), true)
  t.equal(other.requests.length, before)
  await all.clock.advance(60_000)
  other.setDevices(EMAIL, [{ sn: SERIAL, totp_key: OTHER }])
  t.equal(await ring.refresh(SERIAL, ring.get(SERIAL)?.key), true, 'it was bound to the other account')
  t.match(ring.get(SERIAL), { key: OTHER, source: 'office' })
  t.equal(other.requests.length, before + 1)
})
