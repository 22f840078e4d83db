/** The pieces that the convention is made of, and the controller that judges it. */
import fc from 'fast-check'
import t from 'tap'
import { plainSerial } from '../../src/conventions/serial.ts'
import { read, show } from '../../src/homie/payload.ts'
import { HomieController } from '../support/contracts/homie-contract.ts'
import { EXAMPLE_SERIAL } from '../support/fake-bridge.ts'

t.test('ids: no two serials share one, and all fit the alphabet', async (t) => {
  t.equal(plainSerial(EXAMPLE_SERIAL, '-'), EXAMPLE_SERIAL.toLowerCase())
  const back = (id: string) =>
    id.replace(/-([0-9a-f]{2})|[a-z]/g, (whole, code?: string) =>
      code === undefined ? whole.toUpperCase() : String.fromCharCode(Number.parseInt(code, 16)),
    )
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{4,64}$/), (serial) => {
      const id = plainSerial(serial, '-')
      return /^[a-z0-9-]+$/.test(id) && back(id) === serial
    }),
  )
})

t.test('payloads come back as they were', async (t) => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = show(number) ?? ''
      // The convention has no + in exponents.
      return text.includes('e+') || Object.is(read(text, 'float', []), number) || number === 0
    }),
  )
  t.equal(read(show('') ?? '', 'string', []), '')
  t.equal(show(null), undefined)
  for (const text of ['1e400', '-', '.', '1e', '0x10', ' 1']) {
    t.throws(() => read(text, 'float', []), { code: 'BAD_REQUEST' }, text)
  }
})

t.test('the controller finds what the convention forbids', async (t) => {
  const good = { homie: '5.0', version: 1, nodes: { n: { properties: { p: { datatype: 'integer', format: '0:9' } } } } }
  const tell = (messages: readonly (readonly [string, unknown, boolean?])[]) => {
    const controller = new HomieController()
    for (const [topic, payload, retained] of messages) {
      controller.hear(`homie/5/${topic}`, typeof payload === 'string' ? payload : JSON.stringify(payload), retained)
    }
    return controller.finish().length
  }
  const property = (change: object) => ({
    ...good,
    nodes: { n: { properties: { p: { datatype: 'float', ...change } } } },
  })
  const right = [
    ['d/$state', 'init'],
    ['d/$description', good],
    ['d/n/p', '5'],
    ['d/$state', 'ready'],
  ] as const
  t.equal(tell(right), 0)
  const wrong: Record<string, readonly (readonly [string, unknown, boolean?])[]> = {
    'an id': [['D/$state', 'init']],
    'a state': [['d/$state', 'online']],
    'no init': [['d/$description', good]],
    'ready without a description': [['d/$state', 'ready']],
    'a change while ready': [...right, ['d/$description', { ...good, version: 2 }]],
    'the same version': [...right, ['d/$state', 'init'], ['d/$description', { ...good, name: 'x' }]],
    'a value out of range': [...right, ['d/n/p', '10']],
    'a value of another type': [...right, ['d/n/p', '5.5']],
    'a value that is not described': [...right, ['d/n/q', '5']],
    'not retained': [['d/$state', 'init', false]],
    'something left': [...right, ['d/$state', '']],
    'a child without a root': [
      ['d/$state', 'init'],
      ['d/$description', { ...good, root: 'r' }],
    ],
    'a child that is none': [
      ['d/$state', 'init'],
      ['d/$description', { ...good, children: ['c'] }],
    ],
    ...Object.fromEntries(
      [
        { format: '9:0' },
        { format: 'x' },
        { datatype: 'number' },
        { datatype: 'enum' },
        { settable: 'yes' },
        { min: 1 },
      ].map(
        (change) =>
          [
            JSON.stringify(change),
            [
              ['d/$state', 'init'],
              ['d/$description', property(change)],
            ],
          ] as const,
      ),
    ),
  }
  const unseen = Object.entries(wrong).filter(([, messages]) => tell(messages) === 0)
  t.strictSame(unseen, [])
})
