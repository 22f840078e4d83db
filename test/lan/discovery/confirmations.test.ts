import t from 'tap'
import { type Claim, Confirmations } from '../../../src/lan/discovery/confirmations.ts'
import type { Identity } from '../../../src/lan/types.ts'
import { FakeClock } from '../../support/fake-clock.ts'

interface Question {
  readonly claim: Claim
  answer(confirmed: boolean): void
}

const IDENTITY: Identity = { serial: 'S', dialect: 'list', parameters: new Map(), at: 0 }

function start() {
  const clock = new FakeClock()
  const questions: Question[] = []
  const confirmed: Claim[] = []
  const confirmations = new Confirmations({
    clock,
    confirm: (claim) =>
      new Promise((resolve) => questions.push({ claim, answer: (confirmed) => resolve(confirmed ? IDENTITY : null) })),
    onConfirmed: (claim) => confirmed.push(claim),
  })
  return { clock, questions, confirmed, confirmations }
}

const claim = (serial: number, host: number): Claim => ({
  serial: `S${String(serial).padStart(6, '0')}`,
  host: `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`,
  hw: null,
})

t.test('forged senders are bounded in number and in questions at a time', async (t) => {
  const { clock, questions, confirmed, confirmations } = start()
  const results = new Map<string, number>()
  for (let i = 0; i < 5000; i++) {
    const result = confirmations.claim(claim(i, i))
    results.set(result, (results.get(result) ?? 0) + 1)
  }
  t.equal(questions.length, 4)
  t.equal(confirmations.size, 256)
  t.equal(results.get('taken'), 256, 'no more than can be remembered wait')
  let answered = 0
  let most = 0
  while (answered < questions.length) {
    questions[answered++]?.answer(false)
    await clock.advance(0)
    most = Math.max(most, questions.length - answered)
  }
  t.equal(most, 4, 'at a time')
  t.equal(answered, 256)
  t.same(confirmed, [])
  t.equal(confirmations.claim(claim(9999, 9999)), 'taken', 'the oldest are forgotten for newer ones')
  t.equal(confirmations.size, 256)
})

t.test('one host is asked one thing at a time, and five times a minute', async (t) => {
  const { clock, questions, confirmations } = start()
  for (let i = 0; i < 5; i++) {
    t.equal(confirmations.claim(claim(i, 1)), 'taken')
    t.equal(confirmations.claim(claim(i, 1)), 'unconfirmed', 'the same again')
    t.equal(confirmations.claim(claim(100 + i, 1)), 'flood', 'another one meanwhile')
    questions[i]?.answer(false)
    await clock.advance(1)
  }
  t.equal(confirmations.claim(claim(6, 1)), 'flood')
  t.equal(confirmations.claim(claim(6, 2)), 'taken', 'somebody else')
  await clock.advance(60_000)
  t.equal(confirmations.claim(claim(6, 1)), 'taken')
})

t.test('senders are remembered in a bounded number', async (t) => {
  const { clock, questions, confirmations } = start()
  const refused: number[] = []
  for (let i = 0; i < 3000; i++) {
    if (confirmations.claim(claim(i, i)) !== 'taken') refused.push(i)
    questions.at(-1)?.answer(false)
    await Promise.resolve()
    await Promise.resolve()
  }
  t.same(refused, [], 'all were taken')
  await clock.advance(0)
  t.equal(confirmations.size, 256)
})

t.test('a confirmed claim is told once, and not asked again within a minute', async (t) => {
  const { clock, questions, confirmed, confirmations } = start()
  confirmations.claim(claim(1, 1))
  questions[0]?.answer(true)
  await clock.advance(0)
  t.same(confirmed, [claim(1, 1)])
  t.equal(confirmations.claim(claim(1, 1)), 'unconfirmed')
  await clock.advance(60_000)
  t.equal(confirmations.claim(claim(1, 1)), 'taken')
  confirmations.stop()
  questions[1]?.answer(true)
  await clock.advance(0)
  t.equal(confirmed.length, 1, 'nothing is told after the stop')
  t.equal(confirmations.claim(claim(2, 2)), 'unconfirmed')
})
