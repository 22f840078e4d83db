import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { isSecretField, MASK, maskSecrets, SECRET_FIELDS, SecretValues } from '../../src/core/logging/secrets.ts'
import { eachRow } from '../support/rows.ts'

/** The same name as the styles of code and of headers write it. */
function spellings(name: string): string[] {
  const split = [name.slice(0, 2), name.slice(2)]
  return [name, name.toUpperCase(), split.join('_'), split.join('-'), split.join('_').toUpperCase(), `_${name}`]
}

t.test('every name, however it is written', async (t) => {
  eachRow(t, 'masked', [...SECRET_FIELDS].flatMap(spellings), String, (spelling) => {
    assert.ok(isSecretField(spelling))
    assert.deepEqual(maskSecrets({ [spelling]: 'hidden' }), { [spelling]: MASK })
  })
  const real = [
    'totp_key',
    'access_token',
    'adminPassword',
    'admin_password',
    'totp_secret',
    'Authorization',
    'Set-Cookie',
    'refresh_token',
  ]
  for (const name of [...real, 'temp_token', 'api_key', 'recovery_codes', 'auth', 'passphrase'])
    t.ok(isSecretField(name), name)
  for (const name of ['key', 'keys', 'username', 'passed', 'author', 'serial', 'tokens_left', 'state', '']) {
    t.notOk(isSecretField(name), name)
  }
})

t.test('nested, in arrays, whatever the value', async (t) => {
  const date = new Date(0)
  const input = {
    a: [{ password: 'p' }, ['x', { token: 12345 }]],
    b: { c: { secret: { inner: 'p' } } },
    recovery_codes: ['a', 'b'],
    date,
    text: 'x',
    number: 1,
    none: undefined,
  }
  t.same(maskSecrets(input), {
    a: [{ password: MASK }, ['x', { token: MASK }]],
    b: { c: { secret: MASK } },
    recovery_codes: MASK,
    date,
    text: 'x',
    number: 1,
    none: undefined,
  })
  t.equal(input.a[0] && 'password' in input.a[0] && input.a[0].password, 'p', 'the original is left alone')
})

t.test('whether there is one may be seen', async (t) => {
  const empty = { password: null, token: undefined, secret: '', totp_key: true, auth: false }
  t.strictSame(maskSecrets(empty), empty)
})

t.test('what is no object stays', async (t) => {
  for (const value of ['x', 1, true, null, undefined]) t.equal(maskSecrets(value), value)
})

t.test('too deep to look at is too deep to show', async (t) => {
  const loop: Record<string, unknown> = { password: 'deep secret' }
  loop.self = loop
  loop.list = [loop]
  const text = JSON.stringify(maskSecrets(loop))
  t.match(text, /too deep/)
  t.notMatch(text, /deep secret/)
})

t.test('errors show what they say without the secrets of their fields', async (t) => {
  const cause = Object.assign(new Error('inner'), { options: { headers: { authorization: 'Token abc' } } })
  const error = new BridgeError('INTERNAL', 'outer', { details: { password: 'p', key: 'mode' }, cause })
  t.match(maskSecrets({ err: error }), {
    err: {
      type: 'BridgeError',
      message: 'outer',
      stack: /outer/,
      code: 'INTERNAL',
      details: { password: MASK, key: 'mode' },
      cause: { type: 'Error', message: 'inner', options: { headers: { authorization: MASK } } },
    },
  })
  const many = new AggregateError([Object.assign(new Error('one'), { token: 'abc' })], 'all failed')
  t.match(maskSecrets(many), { type: 'AggregateError', errors: [{ message: 'one', token: MASK }] })
  t.equal(Object.hasOwn(maskSecrets(new Error('x')) as object, 'cause'), false)
})

t.test('remembered values go wherever they turn up', async (t) => {
  const secrets = new SecretValues()
  for (const value of ['AAD4EXAJX4E8A8XT', 'pass"word\\with\nall', 'AAD4EX', undefined, null, '', 'short'])
    secrets.remember(value)
  t.equal(secrets.scrub('key AAD4EXAJX4E8A8XT and AAD4EXAJX4E8A8XT'), `key ${MASK} and ${MASK}`)
  t.equal(secrets.scrub('AAD4EX!'), `${MASK}!`)
  t.equal(secrets.scrub('short words stay'), 'short words stay')
  t.equal(secrets.scrub('pass"word\\with\nall'), MASK)
  t.equal(secrets.scrub(JSON.stringify({ a: 'pass"word\\with\nall' })), `{"a":"${MASK}"}`)
  const quoted = JSON.stringify({ body: JSON.stringify({ a: 'pass"word\\with\nall' }) })
  t.notMatch(secrets.scrub(quoted), /word/)
  t.match(JSON.parse(secrets.scrub(quoted)), { body: `{"a":"${MASK}"}` })
})

t.test('a value that comes later is masked too', async (t) => {
  const secrets = new SecretValues()
  secrets.remember('first-secret')
  t.equal(secrets.scrub('second-secret'), 'second-secret')
  secrets.remember('second-secret')
  secrets.remember('second-secret')
  t.equal(secrets.scrub('first-secret second-secret'), `${MASK} ${MASK}`)
})

t.test('a value that is worth nothing any more is forgotten', async (t) => {
  const secrets = new SecretValues()
  secrets.remember('first"secret')
  secrets.remember('second-secret')
  for (const value of ['first"secret', 'first"secret', 'never seen', undefined, null]) secrets.forget(value)
  t.equal(secrets.scrub('first"secret second-secret'), `first"secret ${MASK}`)
})

t.test('of secrets that overlap nothing stays', async (t) => {
  const secrets = new SecretValues()
  for (const value of ['abcdefgh', 'defghijklm', 'abcdefgh-long', 'defghi']) secrets.remember(value)
  t.equal(secrets.scrub('>abcdefghijklm<'), `>${MASK}<`)
  t.equal(secrets.scrub('abcdefgh-long abcdefgh'), `${MASK} ${MASK}`)
  t.equal(secrets.scrub('abcdefghdefghi'), `${MASK}${MASK}`, 'side by side they are two')
  t.equal(secrets.scrub('defgh'), 'defgh')
})

t.test('any secrets in any text', async () => {
  const secret = fc.string({ minLength: 6, maxLength: 20 }).filter((text) => !text.includes('*'))
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), fc.string(), (values, text) => {
      const secrets = new SecretValues()
      for (const value of values) secrets.remember(value)
      const line = JSON.stringify({ a: `${text}${values.join(' * ')}${text}`, nested: JSON.stringify(values) })
      const clean = secrets.scrub(line)
      return values.every((value) => !clean.includes(JSON.stringify(value).slice(1, -1)))
    }),
  )
})

t.test('a value that is lent is masked until it is given back, unless it was a secret before', async (t) => {
  const secrets = new SecretValues()
  secrets.remember('known-secret')
  const back = [secrets.lend('123456'), secrets.lend('known-secret'), secrets.lend('1')]
  t.equal(secrets.scrub('1 123456 known-secret'), '1 ******** ********')
  for (const give of back) give()
  t.equal(secrets.scrub('1 123456 known-secret'), '1 123456 ********')
})

t.test('what is kept while it is lent stays masked when it is given back', async (t) => {
  const secrets = new SecretValues()
  const [first, second] = [secrets.lend('the-password'), secrets.lend('the-password')]
  first()
  secrets.keep('the-password')
  const third = secrets.lend('the-password')
  for (const give of [second, third, first]) give()
  t.equal(secrets.scrub('the-password'), '********')
  secrets.forget('the-password')
  const fourth = secrets.lend('the-password')
  second()
  t.equal(secrets.scrub('the-password'), '********', 'who has given back takes nothing from another')
  fourth()
  t.equal(secrets.scrub('the-password'), 'the-password')
  secrets.lend('')()
  t.equal(secrets.scrub('nothing'), 'nothing')
})

t.test('a value that is lent twice stays masked until both have given it back', async (t) => {
  const secrets = new SecretValues()
  const [first, second] = [secrets.lend('the-password'), secrets.lend('the-password')]
  first()
  first()
  t.equal(secrets.scrub('the-password'), '********', 'the second still has it')
  second()
  t.equal(secrets.scrub('the-password'), 'the-password')
})
