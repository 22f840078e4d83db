import t from 'tap'
import { TAKEN_OVER, Takeovers } from '../../../src/mqtt/client/takeovers.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { MemoryLogger } from '../support.ts'

const OVER = Object.assign(new Error('taken'), { code: TAKEN_OVER })
const CLOSED = { opened: true, error: undefined, learned: false }
const MINUTE = 60_000

function rig() {
  const clock = new FakeClock()
  const logger = new MemoryLogger()
  let changes = 0
  const takeovers = new Takeovers({ clientId: 'me', clock, logger, onChange: () => changes++ })
  return { clock, logger, takeovers, changes: () => changes }
}

t.test('what is said twice is believed, told once, and over after ten quiet minutes', async (t) => {
  const { clock, logger, takeovers, changes } = rig()
  takeovers.closed({ ...CLOSED, error: OVER }, 3 * MINUTE)
  t.equal(takeovers.problem, undefined, 'one may be a chance')
  await clock.advance(5 * MINUTE)
  for (let count = 0; count < 5; count++) takeovers.closed({ ...CLOSED, error: OVER }, 3 * MINUTE)
  t.match(takeovers.problem, { code: 'client_id_taken', message: /keep disconnecting each other/ })
  t.equal(logger.lines.length, 1)
  t.equal(changes(), 1)
  await clock.advance(10 * MINUTE)
  t.equal(takeovers.problem, undefined)
  t.match(logger.lines, [{ level: 'error' }, { level: 'info' }])
  t.equal(changes(), 2)
})

t.test('other ends of connections are none of it', async (t) => {
  const { clock, logger, takeovers } = rig()
  const many = (closed: Parameters<Takeovers['closed']>[0], held: number) => {
    for (let count = 0; count < 10; count++) takeovers.closed(closed, held)
  }
  many(CLOSED, 2 * MINUTE)
  many({ ...CLOSED, learned: true }, 1_000)
  many({ ...CLOSED, error: Object.assign(new Error('x'), { code: 139 }) }, 1_000)
  many({ ...CLOSED, error: new Error('keepalive timeout') }, 1_000)
  // A broker that is started again and again lets nobody in meanwhile.
  for (let count = 0; count < 10; count++) {
    takeovers.closed(CLOSED, 1_000)
    takeovers.closed({ ...CLOSED, opened: false }, 0)
  }
  for (let count = 0; count < 10; count++) {
    takeovers.closed(CLOSED, 1_000)
    await clock.advance(4 * MINUTE)
  }
  t.same(logger.lines, [])
  t.equal(takeovers.problem, undefined)
})
