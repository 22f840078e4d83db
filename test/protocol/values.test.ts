import fc from 'fast-check'
import t from 'tap'
import type { ParameterRow, Scale, WireType } from '../../src/catalog/index.ts'
import { LATEST_TIME, minutesToTime } from '../../src/protocol/epoch.ts'
import { decodeValue, encodeValue, readBoolean, readBounded, readLabel, readNumber } from '../../src/protocol/values.ts'
import { orBridgeError, refuses } from './support.ts'

type Limits = Pick<ParameterRow, 'min' | 'max' | 'step'>

function row(scale: Scale, wire: WireType, limits: Limits = {}): ParameterRow {
  return {
    id: 1,
    documents: ['oz'],
    vendor: 'x',
    key: 'this_key',
    name: 'Row',
    text: 'A row.',
    access: 'write',
    wire,
    scale,
    entity: {},
    ...limits,
  }
}

const NUMBER = { as: 'number' } as const
const TENTHS = { as: 'number', divide: 10 } as const
const SETPOINT = { as: 'setpoint' } as const
const LOAD = { as: 'load' } as const
const FLAG = { as: 'boolean' } as const
const INVERTED = { as: 'boolean', inverted: true } as const
const ALWAYS_SETPOINT = { as: 'setpoint', always: true } as const
const PROGRAM = { as: 'enum', labels: { 0: 'schedule', 1: 'manual', 3: 'manual' } } as const
const UTC = { as: 'time', zone: 'utc', none: [0] } as const
const LOCAL = { as: 'time', zone: 'device', none: [536112000, 0] } as const
const OF_DAY = { as: 'timeOfDay' } as const

t.test('decoding', async (t) => {
  const table: readonly [Scale, string, WireType | undefined, unknown][] = [
    [{ as: 'number', divide: 16 }, '416', undefined, 26],
    [{ as: 'number', divide: 16 }, '-1', undefined, -0.06],
    [{ as: 'number', times: 5 }, '12', undefined, 60],
    [TENTHS, '10', 2, 1],
    [TENTHS, '-99', 1, -9.9],
    [NUMBER, '1.5', 0, 1.5],
    [SETPOINT, '230', 3, 23],
    [SETPOINT, '-5', 3, -0.5],
    [SETPOINT, '26', 1, 26],
    [SETPOINT, '26', undefined, 26],
    [LOAD, '0', 4, 0],
    [LOAD, '150', 4, 1500],
    [LOAD, '151', 4, 1520],
    [LOAD, '156', 4, 1620],
    [LOAD, '175', 4, 2000],
    [FLAG, '1', 7, true],
    [FLAG, '0', 7, false],
    [INVERTED, '1', 7, false],
    [INVERTED, '0', 7, true],
    [ALWAYS_SETPOINT, '127', 3, 127],
    [ALWAYS_SETPOINT, '-127', 3, -127],
    [ALWAYS_SETPOINT, '1270', 3, 127],
    [ALWAYS_SETPOINT, '-1270', 3, -127],
    [ALWAYS_SETPOINT, '128', 3, 12.8],
    [ALWAYS_SETPOINT, '127', 1, 127],
    [SETPOINT, '127', 3, 12.7],
    [FLAG, 'true', 0, true],
    [FLAG, 'false', 0, false],
    [PROGRAM, '0', 2, 'schedule'],
    [PROGRAM, '1', 2, 'manual'],
    [PROGRAM, '3', 2, 'manual'],
    [PROGRAM, '2', 2, null],
    [PROGRAM, '-1', 2, null],
    [PROGRAM, '0.5', 2, null],
    [LOCAL, '536112000', 6, null],
    [LOCAL, '0', 6, null],
    [LOCAL, '634929122', 6, '2020-02-13T17:12:02'],
    [UTC, '634929122', 6, '2020-02-13T17:12:02Z'],
    [UTC, '-1', 6, null],
    [UTC, '4294967296', 6, null],
    [UTC, '999999999999', 6, null],
    [OF_DAY, '480', 4, '08:00'],
    [OF_DAY, '1439', 4, '23:59'],
    [OF_DAY, '1440', 4, null],
    [OF_DAY, '-1', 4, null],
    [OF_DAY, '1.5', 4, null],
  ]
  for (const [scale, raw, wire, value] of table) t.equal(decodeValue(scale, raw, wire), value, `${scale.as} ${raw}`)
  for (const raw of ['', ' ', 'x', '0x10', '1e3', 'NaN', 'Infinity', '--1', '1,5', '1234567890123', 'null']) {
    for (const scale of [NUMBER, SETPOINT, LOAD, FLAG, PROGRAM, UTC, OF_DAY]) {
      t.equal(decodeValue(scale, raw), null, `${scale.as} ${raw}`)
    }
  }
})

t.test('encoding', async (t) => {
  const table: readonly [ParameterRow, unknown, string, unknown][] = [
    [row(NUMBER, 2), 7, '7', 7],
    [row(NUMBER, 2), '7', '7', 7],
    [row(NUMBER, 2), 7.4, '7', 7],
    [row({ as: 'number', times: 5 }, 2), 60, '12', 60],
    [row(TENTHS, 2), 1, '10', 1],
    [row(TENTHS, 1), -9.9, '-99', -9.9],
    [row(TENTHS, 1), 0.3, '3', 0.3],
    [row(SETPOINT, 3), 23.5, '235', 23.5],
    [row(SETPOINT, 1), 23.5, '24', 24],
    [row(LOAD, 4), 1500, '150', 1500],
    [row(LOAD, 4), 1510, '151', 1520],
    [row(LOAD, 4), 2000, '175', 2000],
    [row(FLAG, 7), 'ON', '1', true],
    [row(FLAG, 7), false, '0', false],
    [row(UTC, 6), null, '0', null],
    [row(LOCAL, 6), '', '536112000', null],
    [row(UTC, 6), '2020-02-13T17:12:02Z', '634929122', '2020-02-13T17:12:02Z'],
    [row(LOCAL, 6), '2020-02-13 17:12:02', '634929122', '2020-02-13T17:12:02'],
    [row(OF_DAY, 4), '8:00', '480', '08:00'],
  ]
  for (const [definition, value, raw, meant] of table) {
    t.strictSame(
      encodeValue(definition, definition.wire, value),
      [{ raw, value: meant }],
      `${definition.scale.as} ${value}`,
    )
  }
})

t.test('a label that has two codes offers both, the usual one first', async (t) => {
  t.strictSame(encodeValue(row(PROGRAM, 2), 2, 'manual'), [
    { raw: '1', value: 'manual' },
    { raw: '3', value: 'manual' },
  ])
  t.strictSame(encodeValue(row(PROGRAM, 2), 2, 'schedule'), [{ raw: '0', value: 'schedule' }])
})

t.test('bad input names the key and what is allowed', async (t) => {
  const hysteresis = row(TENTHS, 2, { min: 0.5, max: 10, step: 0.1 })
  for (const value of [0.4, 10.1, -1, '11']) {
    refuses(t, () => encodeValue(hysteresis, 2, value), 'OUT_OF_RANGE', 'this_key', '0.5 to 10')
  }
  for (const value of [
    '',
    ' ',
    'warm',
    'NaN',
    '1e400',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    true,
    {},
    [],
    [5],
  ]) {
    refuses(t, () => encodeValue(hysteresis, 2, value), 'BAD_REQUEST', 'this_key', 'number')
  }
  for (const value of ['manuel', 1, null, '__proto__', '']) {
    refuses(t, () => encodeValue(row(PROGRAM, 2), 2, value), 'OUT_OF_RANGE', 'this_key', 'schedule, manual')
  }
  for (const value of ['maybe', 2, null, undefined, {}, '']) {
    refuses(t, () => encodeValue(row(FLAG, 7), 7, value), 'BAD_REQUEST', 'this_key', 'true or false')
  }
  for (const value of ['tomorrow', 5, true, '2026-02-30T00:00', '1999-01-01T00:00']) {
    refuses(t, () => encodeValue(row(UTC, 6), 6, value), 'OUT_OF_RANGE', 'this_key', 'ISO time, or null')
  }
  refuses(t, () => encodeValue(row(LOCAL, 6), 6, '2026-01-01T00:00Z'), 'OUT_OF_RANGE', 'this_key', 'without a zone')
  for (const value of ['24:00', 480, null, '8']) {
    refuses(t, () => encodeValue(row(OF_DAY, 4), 4, value), 'OUT_OF_RANGE', 'this_key', 'HH:MM')
  }
  refuses(t, () => encodeValue(row(NUMBER, 1), 1, 128), 'OUT_OF_RANGE', 'this_key', '-128 to 127')
  refuses(t, () => encodeValue(row(NUMBER, 2), 2, -1), 'OUT_OF_RANGE', 'this_key', '0 to 255')
  refuses(t, () => encodeValue(row(SETPOINT, 3), 3, 3277), 'OUT_OF_RANGE', 'this_key', '-3276.8 to 3276.7')
  refuses(t, () => encodeValue(row(LOAD, 2), 2, 5000), 'OUT_OF_RANGE', 'this_key', '0 to 3600')
  refuses(t, () => encodeValue(row(NUMBER, 7), 7, 2), 'OUT_OF_RANGE', 'this_key', '0 to 1')
  t.strictSame(encodeValue(row(NUMBER, 0), 0, 1e9), [{ raw: '1000000000', value: 1e9 }], 'text has no range')
  refuses(t, () => readLabel('this_key', 'x'.repeat(500), ['a']), 'OUT_OF_RANGE', 'x'.repeat(50))
})

t.test('bounds in force replace those of the row', async (t) => {
  const setpoint = row(SETPOINT, 3)
  const bounds = { min: 5, max: 35, resolution: 0.5 }
  t.strictSame(encodeValue(setpoint, 3, 21.3, bounds), [{ raw: '215', value: 21.5 }])
  refuses(t, () => encodeValue(setpoint, 3, 35.1, bounds), 'OUT_OF_RANGE', '5 to 35')
  t.equal(readBounded('k', 35.2, { max: 35.3, resolution: 0.5 }), 35, 'rounding never passes the limit')
  t.equal(readBounded('k', 35.3, { max: 35.3, resolution: 0.5 }), 35.3)
  t.equal(readBounded('k', 5.2, { min: 5.2, resolution: 0.5 }), 5.2)
  refuses(t, () => readBounded('k', 4, { min: 5 }), 'OUT_OF_RANGE', 'at least 5')
  refuses(t, () => readBounded('k', 6, { max: 5 }), 'OUT_OF_RANGE', 'at most 5')
  t.equal(readBounded('k', 6, {}), 6)
})

t.test('ways to say yes, no and a number', async (t) => {
  for (const yes of [true, 1, 'true', 'ON', ' on ', '1', 'True']) t.equal(readBoolean('k', yes), true)
  for (const no of [false, 0, 'false', 'OFF', 'off\n', '0']) t.equal(readBoolean('k', no), false)
  for (const [text, number] of [
    [' 21.5 ', 21.5],
    ['-3', -3],
    ['1e1', 10],
    [7, 7],
  ] as const) {
    t.equal(readNumber('k', text), number)
  }
})

/** Every scale with the values it can hold, as integers on the wire. */
const RANGES: readonly { scale: Scale; wire: WireType; min: number; max: number }[] = [
  { scale: NUMBER, wire: 1, min: -128, max: 127 },
  { scale: NUMBER, wire: 2, min: 0, max: 255 },
  { scale: NUMBER, wire: 5, min: -2147483648, max: 2147483647 },
  { scale: NUMBER, wire: 6, min: 0, max: LATEST_TIME },
  { scale: TENTHS, wire: 1, min: -128, max: 127 },
  { scale: TENTHS, wire: 2, min: 0, max: 255 },
  { scale: { as: 'number', divide: 16 }, wire: 3, min: -32768, max: 32767 },
  { scale: { as: 'number', times: 5 }, wire: 4, min: 0, max: 65535 },
  { scale: SETPOINT, wire: 1, min: -128, max: 127 },
  { scale: SETPOINT, wire: 3, min: -32768, max: 32767 },
  { scale: LOAD, wire: 4, min: 0, max: 65535 },
  { scale: FLAG, wire: 7, min: 0, max: 1 },
  { scale: PROGRAM, wire: 2, min: 0, max: 1 },
  { scale: UTC, wire: 6, min: 0, max: LATEST_TIME },
  { scale: { as: 'time', zone: 'device', none: [536112000] }, wire: 6, min: 0, max: LATEST_TIME },
  { scale: OF_DAY, wire: 4, min: 0, max: 1439 },
]

for (const { scale, wire, min, max } of RANGES) {
  t.test(`${scale.as}, type ${wire}: what is decoded encodes to the same`, async () => {
    fc.assert(
      fc.property(fc.integer({ min, max }), (raw) => {
        const value = decodeValue(scale, String(raw), wire)
        const [first] = encodeValue(row(scale, wire), wire, value)
        return first?.raw === String(raw) && first.value === value
      }),
      { examples: [[min], [max]] },
    )
  })
}

t.test('whatever is asked, a raw value of the wire type or a BridgeError comes out', async () => {
  const scale = fc.constantFrom<Scale>(NUMBER, TENTHS, SETPOINT, LOAD, FLAG, PROGRAM, UTC, LOCAL, OF_DAY)
  const wire = fc.constantFrom<WireType>(1, 2, 3, 4, 5, 6, 7)
  const asked = fc.oneof(fc.jsonValue(), fc.double(), fc.string(), fc.integer({ min: 0, max: 1439 }).map(minutesToTime))
  fc.assert(
    fc.property(scale, wire, asked, (as, type, value) => {
      for (const { raw } of orBridgeError(() => encodeValue(row(as, type), type, value)) ?? []) {
        if (!/^-?\d{1,10}$/.test(raw)) throw new Error(`${raw} is no integer`)
      }
    }),
    { numRuns: 1000 },
  )
  fc.assert(fc.property(scale, fc.string(), wire, (as, raw, type) => void decodeValue(as, raw, type)))
})

t.test('always on and always off, however the device may mean the 127 of its document', async (t) => {
  const tenths = row({ as: 'setpoint', always: true }, 3)
  const bounds = { min: -15, max: 35, resolution: 0.1 }
  const raws = (value: unknown, wire: WireType = 3) => encodeValue(tenths, wire, value, bounds).map(({ raw }) => raw)
  t.same(raws(127), ['1270', '127'])
  t.same(raws(-127), ['-1270', '-127'])
  t.same(raws(127, 1), ['127'])
  t.same(encodeValue(tenths, 3, 12.7, bounds), [{ raw: '126', value: 12.6 }], 'never what could mean always on')
  t.same(encodeValue(tenths, 3, -12.7, bounds), [{ raw: '-126', value: -12.6 }])
  t.same(raws(12.6), ['126'])
  refuses(t, () => raws(126), 'OUT_OF_RANGE')
  const plain = row({ as: 'setpoint' }, 3)
  t.same(encodeValue(plain, 3, 12.7, bounds), [{ raw: '127', value: 12.7 }], 'only where the document says so')
  refuses(t, () => encodeValue(plain, 3, 127, bounds), 'OUT_OF_RANGE')
})

t.test('an inverted switch', async (t) => {
  t.same(encodeValue(row(INVERTED, 7), 7, true), [{ raw: '0', value: true }])
  t.same(encodeValue(row(INVERTED, 7), 7, 'OFF'), [{ raw: '1', value: false }])
})
