import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { ask, codeOf, running } from '../support.ts'

t.test('a test message is for administrators, and says what came of it', async (t) => {
  const results = [
    { channel: 'telegram', to: null, problem: null },
    { channel: 'email', to: 'a@example.com', problem: 'It answers with status 401.' },
  ] as const
  let sent = 0
  const api = await running({
    messages: {
      test: async () => {
        sent += 1
        if (sent > 1) throw new BridgeError('BAD_REQUEST', 'No way for messages is set up.')
        return results
      },
    },
  })
  t.teardown(() => api.close())
  const test = (authorization?: null) =>
    ask(api.port, '/api/v1/messages/test', { method: 'POST', ...(authorization === null ? { authorization } : {}) })
  t.equal(codeOf(await test(null)), 'UNAUTHORIZED')
  t.equal(sent, 0)
  t.match(await test(), { status: 200, json: { results } })
  t.equal(codeOf(await test()), 'BAD_REQUEST')
})
