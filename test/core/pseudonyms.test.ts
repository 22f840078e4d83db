import fc from 'fast-check'
import t from 'tap'
import { LogBuffer } from '../../src/core/logging/log-buffer.ts'
import { Pseudonyms } from '../../src/core/logging/pseudonyms.ts'

t.test('the same is replaced by the same, and only as a whole', async (t) => {
  const pseudonyms = new Pseudonyms()
  pseudonyms.add('device', 'Bath')
  pseudonyms.add('device', 'Bath upstairs')
  pseudonyms.add('serial', 'B74E2E592D42C6C1C090D9F6830FAE')
  pseudonyms.alias('B74E2E592D42', 'B74E2E592D42C6C1C090D9F6830FAE')
  pseudonyms.add('user', 'admin')
  t.equal(pseudonyms.text('bath, Bath upstairs, Bathroom'), 'device-1, device-2, Bathroom')
  t.equal(pseudonyms.text('x/b74e2e592d42c6c1c090d9f6830fae/set'), 'x/serial-1/set')
  t.equal(pseudonyms.text('Thermostat B74E2E592D42'), 'Thermostat serial-1')
  t.equal(pseudonyms.text('admin'), 'admin', 'what everybody has stays')
  t.same(pseudonyms.apply({ Bath: [{ a: 'Bath' }], n: 1, x: null, b: true }), {
    'device-1': [{ a: 'device-1' }],
    n: 1,
    x: null,
    b: true,
  })
})

t.test('what nobody has named is found by its form', async (t) => {
  const pseudonyms = new Pseudonyms()
  const cases = [
    ['from 192.168.1.20:80 to 192.168.1.20', 'from address-1:80 to address-1'],
    ['at fe80::1ff:fe23:4567:890a and 5C:CF:7F:12:34:56', 'at address-3 and address-2'],
    ['mail ivan.petrenko@example.com.ua', 'mail mail-1'],
    ['file /home/ivan/data/x.yaml', 'file /home/user-1/data/x.yaml'],
    ['serial 404CCAAAD4E8A89860609800000149', 'serial serial-1'],
    [
      'http://127.0.0.1:8580 on 0.0.0.0, at 12:30:45, 24.21.0',
      'http://127.0.0.1:8580 on 0.0.0.0, at 12:30:45, 24.21.0',
    ],
    ['2026-11-22T07:02:41.994Z', '2026-11-22T07:02:41.994Z'],
  ] as const
  t.strictSame(
    cases.map(([text]) => pseudonyms.text(text)),
    cases.map(([, clean]) => clean),
  )
})

t.test('no name gets through, whatever it is made of', async (t) => {
  const word = fc.string({ minLength: 2, maxLength: 20, unit: 'grapheme' }).map((text) => text.trim())
  const all = () =>
    fc.assert(
      fc.property(
        word.filter((text) => text.length > 1 && !/^(default|device-?\d*)$/i.test(text)),
        (name) => {
          const pseudonyms = new Pseudonyms()
          pseudonyms.add('device', name)
          const text = pseudonyms.text(`« ${name} »`)
          return text === '« device-1 »' || !text.includes(name)
        },
      ),
    )
  t.doesNotThrow(all)
})

t.test('the last lines of the log are kept, problems for longer', async (t) => {
  const buffer = new LogBuffer()
  buffer.push('{"level":"error","msg":"old"}\n')
  for (let i = 0; i < 400; i++) buffer.push(`{"level":"debug","msg":"${i}"}\n`)
  t.equal(buffer.recent.length, 300)
  t.equal(buffer.recent.at(-1), '{"level":"debug","msg":"399"}')
  t.strictSame(buffer.problems, ['{"level":"error","msg":"old"}'])
  buffer.push('x'.repeat(10_000))
  t.equal(buffer.recent.at(-1)?.length, 4000)
})
