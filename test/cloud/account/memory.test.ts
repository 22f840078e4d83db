import fc from 'fast-check'
import t from 'tap'
import { AccountRecord, type SessionStore } from '../../../src/cloud/account/memory.ts'
import { connect } from '../../../src/cloud/services/index.ts'
import { targetOf } from '../../../src/cloud/services/known.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const account = { id: 'home', provider: 'terneo', username: 'me', password: 'myPassword' }

function recordOf(stored: unknown): AccountRecord {
  const store: SessionStore = { get: () => stored, put: () => {} }
  return new AccountRecord({ store, account, base: new URL('https://cloud.example'), secrets: new SecretValues() })
}

t.test('whatever is stored, only what has the right shape is taken', async (t) => {
  const session = { token: 'abcdefgh', refreshToken: 'ijklmnop', expiresAt: 5 }
  const challenge = { prompt: 'By e-mail.', reference: '/otp/1', since: 5 }
  const mine = recordOf(undefined).refusal(5)
  t.same(recordOf(undefined).load(), {})
  t.same(recordOf({ session, challenge, refusal: mine }).load(), { session, challenge, refusal: mine })
  t.same(recordOf({ session: { token: 'abcdefgh', refreshToken: 1, expiresAt: '5' } }).load(), {
    session: { token: 'abcdefgh' },
  })
  t.same(recordOf({ refusal: { ...mine, password: 'another' } }).load(), {}, 'refused with another password')
  for (const bad of [{ token: 7 }, [], 'x', null]) t.same(recordOf({ session: bad }).load(), {})
  for (const bad of [
    { ...challenge, prompt: 1 },
    { ...challenge, reference: null },
    { ...challenge, since: 'x' },
    [],
  ]) {
    t.same(recordOf({ challenge: bad }).load(), {})
  }
  for (const bad of [{ at: 'x', password: '' }, { at: 1 }, 5]) t.same(recordOf({ refusal: bad }).load(), {})
  fc.assert(fc.property(fc.jsonValue(), (stored) => recordOf(stored).load() !== undefined))
})

const NO_CODES = { secret: () => undefined, pending: () => undefined, refused: () => false }

t.test('terneo has no second factor, no renewal, no log-out and may have no list', async (t) => {
  const target = { ...targetOf(account), list: undefined }
  const provider = connect({ account, target, codes: NO_CODES, clock: new FakeClock(), secrets: new SecretValues() })
  const signal = new AbortController().signal
  const session = { token: 'abcdefgh' }
  await t.rejects(provider.resume({ prompt: '', reference: '', since: 0 }, '123456', signal), {
    code: 'CLOUD_AUTH',
    over: true,
  })
  t.equal(await provider.refresh(session, signal), undefined)
  t.equal(await provider.logout(session, signal), undefined)
  t.equal(await provider.devices(session, signal), undefined)
})
