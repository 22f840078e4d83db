import fc from 'fast-check'
import t from 'tap'
import { isObject, parseJson } from '../../src/core/json.ts'
import { isSerial } from '../../src/core/serial.ts'

t.test('text that came from outside', async (t) => {
  t.strictSame(parseJson('{"a":[1,null]}'), { a: [1, null] })
  for (const text of ['', '{', 'NaN', "{'a':1}", 'undefined', '[1,]', '\u0000'])
    t.equal(parseJson(text), undefined, text)
  t.equal(parseJson('['.repeat(100_000)), undefined)
  t.equal(isObject(parseJson('{"__proto__":{"polluted":true}}')), true)
  t.notOk('polluted' in {})
  fc.assert(fc.property(fc.string(), (text) => void parseJson(text)))
})

t.test('what is an object', async (t) => {
  for (const value of [{}, { a: 1 }, Object.create(null)]) t.ok(isObject(value))
  for (const value of [null, undefined, [], 'x', 1, true, () => {}]) t.notOk(isObject(value))
})

t.test('serials', async (t) => {
  const real = ['058016000543464839373520000159', '404CCAAAD4E8A89860609800000149', 'B081843B6DC878ECBFBFEC0000014D']
  for (const serial of [...real, 'A1B2', 'dev_1-x', '1'.repeat(64)]) t.ok(isSerial(serial), serial)
  const unsafe = ['a/b1', 'a+b1', '#1234', 'a1b2\0', 'a1b2\n', ' a1b2', 'a.1b', '../1', '$SYS1', 'ä123', 'a b1']
  for (const bad of ['', 'abc', 'A1B', '1'.repeat(65), ...unsafe, 1234, null, undefined, ['A1B2']]) {
    t.notOk(isSerial(bad), JSON.stringify(bad))
  }
  for (const word of ['bridge', '__proto__', 'constructor', 'hasOwnProperty', 'status']) t.notOk(isSerial(word), word)
  fc.assert(fc.property(fc.string(), (text) => !isSerial(text) || /^[\w-]{4,64}$/.test(text)))
})
