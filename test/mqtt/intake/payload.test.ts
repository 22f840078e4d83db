import fc from 'fast-check'
import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import {
  readAction,
  readCommand,
  readOptionalObject,
  readTransaction,
  readValue,
} from '../../../src/mqtt/intake/payload.ts'

const BAD = { code: 'BAD_REQUEST' }

t.test('bare values', async (t) => {
  t.equal(readValue('k', '24.0'), 24)
  t.equal(readValue('k', ' 24 '), 24)
  t.equal(readValue('k', '-1.5e1'), -15)
  t.equal(readValue('k', 'heat'), 'heat')
  t.equal(readValue('k', '"heat"'), 'heat')
  t.equal(readValue('k', 'true'), true)
  t.equal(readValue('k', 'ON'), 'ON')
  t.equal(readValue('k', '06:00'), '06:00')
  t.equal(readValue('k', 'null'), null)
  t.equal(readValue('k', '{"a":1}'), '{"a":1}')
  t.equal(readValue('k', '[1]'), '[1]')
  t.equal(readValue('k', '{"value":24,"via":"home_assistant"}'), 24)
  t.equal(readValue('k', '{"value":null}'), null)
  t.equal(readValue('k', '{"value":[1]}'), '{"value":[1]}')
  t.throws(() => readValue('k', '{"value":1e400}'), BAD)
})

t.test('bare values that are none', async (t) => {
  for (const text of ['', '  ', 'NaN', 'nan', 'Infinity', '-Infinity', '+inf', '1e400', '-1e400']) {
    t.throws(() => readValue('k', text), BAD, JSON.stringify(text))
  }
})

t.test('commands', async (t) => {
  t.same(readCommand('{"a":1,"transaction":"x"}'), { body: { a: 1 }, transaction: 'x' })
  t.same(readCommand('{"a":"heat"}'), { body: { a: 'heat' }, transaction: undefined })
  for (const text of [
    '',
    'x',
    '1',
    '[]',
    'null',
    '{}',
    '{"transaction":1}',
    '{"a":1e400}',
    '{"a":NaN}',
    '{"a":1',
    '\u0000',
  ]) {
    t.throws(() => readCommand(text), BAD, JSON.stringify(text))
  }
  const { body } = readCommand('{"__proto__":{"x":1}}')
  t.equal(Object.getPrototypeOf(body), Object.prototype)
  t.same(Object.keys(body), ['__proto__'])
})

t.test('optional objects', async (t) => {
  t.same(readOptionalObject(' '), { body: {}, transaction: undefined })
  t.same(readOptionalObject('{"account":"home","transaction":null}'), { body: { account: 'home' }, transaction: null })
  t.throws(() => readOptionalObject('home'), BAD)
})

t.test('actions', async (t) => {
  t.same(readAction('restart'), { action: 'restart', transaction: undefined })
  t.same(readAction(' "restart" '), { action: 'restart', transaction: undefined })
  t.same(readAction('{"action":"blink","transaction":3}'), { action: 'blink', transaction: 3 })
  t.same(readAction('12'), { action: '12', transaction: undefined })
})

t.test('transactions', async (t) => {
  t.equal(readTransaction(' {"transaction":5}'), 5)
  t.equal(readTransaction('{"transaction":'), undefined)
  t.equal(readTransaction('anything'), undefined)
})

t.test('any text is a value, or refused as a bad request', async () => {
  const text = fc.oneof(fc.string(), fc.json(), fc.double().map(String), fc.constantFrom('1e999', '-0', '0x10'))
  fc.assert(
    fc.property(text, (given) => {
      for (const read of [() => readValue('k', given), () => readCommand(given)]) {
        try {
          const value = read()
          if (typeof value === 'number') return Number.isFinite(value)
        } catch (error) {
          if (!(error instanceof BridgeError && error.code === 'BAD_REQUEST')) throw error
        }
      }
      return true
    }),
  )
})
