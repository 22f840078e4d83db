/**
 * Resets of parameters and of the schedule: Terneo, "Commands", and Welrok AZ, OZ, Old, "Commands", `{"cmd":5}` and
 * `{"cmd":6}`. They are never carried out twice, and what nothing shows is not told as done, nor as refused.
 */
import t from 'tap'
import type { LocalDevice } from '../../../src/lan/types.ts'
import { errorOf, FakeKeys, passing, type RigOptions, startRig } from '../support.ts'

const RESETS = [
  ['parameters', 5, (device: LocalDevice) => device.resetParameters()],
  ['schedule', 6, (device: LocalDevice) => device.resetSchedule()],
] as const

/** What is left of a rig once it was asked for a reset: how it ended, and how often the device carried one out. */
async function reset(
  t: Parameters<typeof startRig>[0],
  [what, cmd, run]: (typeof RESETS)[number],
  options: RigOptions & { readonly changed: boolean; readonly answer?: string; readonly drop?: 'applied' | 'lost' },
) {
  const rig = await startRig(t, options)
  const { clock, unit, device } = rig
  if (options.changed && what === 'parameters') unit.setLocally(4, 333)
  if (options.changed && what === 'schedule') unit.device.controller.floor.setDay(2, [[480, 280]])
  if (options.answer) unit.quirks.injectReplies.push({ on: 'write', reply: { raw: options.answer } })
  if (options.drop) unit.quirks.dropWrites.push(options.drop)
  const error = await errorOf(clock, run(device))
  const sent = unit.writes.filter(({ body }) => JSON.stringify(body).includes(`"cmd":${cmd}`))
  return { ...rig, error, sent: sent.length, done: sent.filter(({ accepted }) => accepted).length }
}

for (const row of RESETS) {
  const [what] = row
  t.test(`${what}: done once, whatever the lock, and said so`, async (t) => {
    for (const lock of ['none', 'lan'] as const) {
      for (const counterBase of ['2000', 'unix'] as const) {
        const { error, done } = await reset(t, row, { lock, unit: { counterBase }, changed: true })
        t.match({ error, done }, { error: undefined, done: 1 }, `${lock} ${counterBase}`)
      }
    }
  })

  t.test(`${what}: done, the answer lost: found out, not done again`, async (t) => {
    const { error, done } = await reset(t, row, { lock: 'none', changed: true, drop: 'applied' })
    t.match({ error, done }, { error: undefined, done: 1 })
  })

  t.test(`${what}: as from the factory already, acknowledged in short: sent once`, async (t) => {
    for (const lock of ['none', 'lan'] as const) {
      const answer = '{"success":"true"}'
      const { error, sent } = await reset(t, row, { lock, changed: false, answer })
      t.equal(sent, 1, lock)
      t.equal(
        error?.code,
        what === 'parameters' ? 'OUTCOME_UNKNOWN' : undefined,
        'of the schedule the factory’s is printed',
      )
    }
  })

  t.test(`${what}: locked, refused in silence: not a key’s fault that nothing shows`, async (t) => {
    const quirks = { refusal: 'silent' as const }
    const keys = () => new FakeKeys('XXXXXXXXXXXXXXXX')
    const { error, done } = await reset(t, row, {
      lock: 'lan',
      unit: { quirks },
      keys: keys(),
      changed: what === 'parameters',
    })
    t.equal(done, 0)
    t.equal(error?.code, what === 'parameters' ? 'OUTCOME_UNKNOWN' : undefined)
    const blocked = await reset(t, row, { lock: 'lan', keys: keys(), changed: true })
    t.match([blocked.error?.code, blocked.done], ['KEY_REJECTED', 0], 'refused in so many words')
  })
}

t.test('parameters: the answer lost and nothing to be seen: unknown, and not sent again', async (t) => {
  for (const drop of ['applied', 'lost'] as const) {
    const { error, sent } = await reset(t, RESETS[0], { lock: 'none', changed: drop === 'lost', drop })
    t.match([error?.code, sent], ['OUTCOME_UNKNOWN', 1], drop)
    t.match(error?.message, /sent once and is not repeated/)
  }
})

t.test('schedule: a week that no reset can have left was not reset, so that it may be sent again', async (t) => {
  const lost = await reset(t, RESETS[1], { lock: 'none', changed: true, drop: 'lost' })
  t.match([lost.error, lost.sent, lost.done], [undefined, 2, 1])
  const ignored = await reset(t, RESETS[1], { lock: 'none', changed: true, answer: '{"success":"true"}' })
  t.match([ignored.error?.code, ignored.sent], ['NOT_APPLIED', 1])
  const { clock, device } = ignored
  await passing(clock, device.resetSchedule())
})
