import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { EPOCH_2000 } from '../../src/protocol/epoch.ts'
import { stepOf, totp } from '../../src/protocol/totp.ts'
import { fixture, list, object } from '../support/fixtures.ts'

/** RFC 4226 written out, to check the library and its settings against. */
function hotp(key: string, counter: number, digits: number): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const digest = createHmac('sha1', Buffer.from(key, 'latin1')).update(message).digest()
  const truncated = digest.readUInt32BE((digest[19] ?? 0) & 0xf) & 0x7fffffff
  return String(truncated % 10 ** digits).padStart(digits, '0')
}

t.test('the independent computation agrees with the RFC', async (t) => {
  for (const { key, unix, code } of list(fixture('totp').rfc6238_sha1_8_digits).map(object)) {
    t.equal(hotp(String(key), Math.floor(Number(unix) / 30), 8), code)
  }
})

t.test('the device codes, counted from 2000 and from 1970', async (t) => {
  for (const { key, device_time, counter_base, code } of list(fixture('totp').device_9_digits).map(object)) {
    t.equal(totp(String(key), Number(device_time), counter_base === 'unix' ? 'unix' : '2000'), code)
  }
})

t.test('any key and time', async () => {
  const key = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
    minLength: 16,
    maxLength: 16,
  })
  fc.assert(
    fc.property(key, fc.integer({ min: 0, max: 0xffffffff }), (secret, time) => {
      const own = totp(secret, time, '2000') === hotp(secret, Math.floor(time / 30), 9)
      return own && totp(secret, time, 'unix') === hotp(secret, Math.floor((time + EPOCH_2000) / 30), 9)
    }),
    { numRuns: 200 },
  )
})

t.test('a step lasts 30 seconds in both counts, since 2000 began with one', async (t) => {
  t.equal(EPOCH_2000, Date.UTC(2000, 0, 1) / 1000)
  t.strictSame(
    [0, 29, 30, 59, 60].map((time) => stepOf(time, '2000')),
    [0, 0, 1, 1, 2],
  )
  t.equal(stepOf(0, 'unix') * 30, EPOCH_2000)
  t.equal(stepOf(29, 'unix'), stepOf(0, 'unix'))
})
