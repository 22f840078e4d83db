import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { createLogger, type LogLevel } from '../../src/core/logging/logger.ts'
import { MASK, SecretValues } from '../../src/core/logging/secrets.ts'

const KEY = 'AAD4EXAJX4E8A8XT'

function setUp(level: LogLevel = 'trace') {
  const lines: string[] = []
  const secrets = new SecretValues()
  secrets.remember(KEY)
  const logger = createLogger({ level, secrets, write: (line) => lines.push(line) })
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') }
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const

t.test('a line is JSON with level, time, fields and message, and ends with a newline', async (t) => {
  const { logger, lines, last } = setUp()
  logger.info({ serial: 'A1' }, 'hello')
  t.match(lines[0], /^\{.*\}\n$/)
  t.match(last(), { level: 'info', time: /^\d{4}-\d\d-\d\dT.*Z$/, serial: 'A1', msg: 'hello' })
  t.notOk('pid' in last() || 'hostname' in last())
})

t.test('nothing secret at any level: by name, by value, in errors, in children', async (t) => {
  for (const level of LEVELS) {
    const { logger, lines } = setUp()
    const error = new BridgeError('INTERNAL', `with ${KEY}`, {
      details: { password: 'plain' },
      cause: new Error(`caused by ${KEY}`),
    })
    const child = logger.child({ token: 'plain', serial: KEY }).child({ auth: 'plain', deep: { totp_key: 'plain' } })
    for (const log of [logger, child]) {
      log[level]({ password: 'plain', list: [{ secret: 'plain' }], note: `x ${KEY} y`, err: error }, `message ${KEY}`)
      log[level](`only ${KEY}`)
      log[level](error, 'an error as it is')
    }
    t.equal(lines.length, 6, level)
    for (const line of lines) {
      t.notMatch(line, KEY)
      t.notMatch(line, 'plain')
      t.match(JSON.parse(line), { level })
    }
    t.match(JSON.parse(lines[3] ?? ''), { token: MASK, auth: MASK, deep: { totp_key: MASK }, serial: MASK })
    t.match(JSON.parse(lines[0] ?? ''), { err: { type: 'BridgeError', code: 'INTERNAL', details: { password: MASK } } })
  }
})

t.test('a child keeps what its parents are bound to', async (t) => {
  const { logger, last } = setUp()
  logger.child({ a: 1 }).child({ b: 2 }).warn({ c: 3 }, 'x')
  t.match(last(), { level: 'warn', a: 1, b: 2, c: 3, msg: 'x' })
  logger.info('y')
  t.notOk('a' in last())
})

t.test('lines under the level are not written', async (t) => {
  const { logger, lines } = setUp('warn')
  const child = logger.child({ a: 1 })
  for (const log of [logger, child]) {
    for (const level of LEVELS) log[level]('x')
    t.strictSame(
      LEVELS.map((level) => log.isLevelEnabled(level)),
      [false, false, false, true, true],
    )
  }
  t.strictSame(
    lines.map((line) => JSON.parse(line).level),
    ['warn', 'error', 'warn', 'error'],
  )
  const silent = setUp('silent')
  silent.logger.error('x')
  t.strictSame(silent.lines, [])
})
