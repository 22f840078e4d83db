/** A password that is replaced while the one before it is still being checked, which takes its time. */
import t, { type Test } from 'tap'
import { type PasswordCost, Passwords } from '../../../src/api/auth/credentials/passwords.ts'
import { QUICK_PASSWORDS } from '../../support/api.ts'
import { running } from '../support.ts'
import { login } from './sign-in-rig.ts'

const FORMER = 'vier bunte Gurken'
const NEXT = 'noch vier bunte Gurken'
/** What hashing cost once. */
const OLD = { ...QUICK_PASSWORDS, logN: 3 }
const FROM = { address: '127.0.0.1', userAgent: '' }

/** A user whose password was hashed at some cost. */
async function olga(t: Test, cost: PasswordCost = QUICK_PASSWORDS) {
  const api = await running()
  t.teardown(() => api.close())
  api.store.users.add('olga', await new Passwords(cost).hash(FORMER), false, 'control')
  const user = api.access.people.list().find(({ name }) => name === 'olga')
  if (!user) throw new Error('there is no olga')
  return { api, user, ...api.access }
}

// Passwords are hashed one after the other, in the order in which somebody asks.

t.test('who signs in while the password is reset is not let in with the former one', async (t) => {
  const { api, user, signIn, people } = await olga(t)
  const resetting = people.resetPassword(user)
  await t.rejects(signIn.login('olga', FORMER, FROM), { code: 'UNAUTHORIZED' })
  t.strictSame(api.store.userSessions.list(), [])
  t.equal((await login(api, await resetting, 'olga')).status, 200)
})

t.test('a former password that is hashed anew does not replace one that is set meanwhile', async (t) => {
  const { api, user, signIn, people } = await olga(t, OLD)
  const signingIn = signIn.login('olga', FORMER, FROM)
  const [made] = await Promise.all([people.resetPassword(user), t.rejects(signingIn, { code: 'UNAUTHORIZED' })])
  t.strictSame(api.store.userSessions.list(), [])
  t.equal((await login(api, FORMER, 'olga')).status, 401)
  t.equal((await login(api, made, 'olga')).status, 200)
})

t.test('who changes the password while it is reset changes nothing', async (t) => {
  const { api, user, signIn, people } = await olga(t)
  const changing = signIn.changePassword(user, FORMER, NEXT, 'none', FROM)
  const [made] = await Promise.all([people.resetPassword(user), t.rejects(changing, { code: 'BAD_REQUEST' })])
  t.equal((await login(api, NEXT, 'olga')).status, 401)
  t.equal((await login(api, made, 'olga')).status, 200)
})

t.test('of two who sign in at once with a password that is hashed anew both are let in', async (t) => {
  const { user, signIn } = await olga(t, OLD)
  const both = await Promise.all([signIn.login(user.name, FORMER, FROM), signIn.login(user.name, FORMER, FROM)])
  t.equal(both.filter((signed) => 'tokens' in signed).length, 2)
})
