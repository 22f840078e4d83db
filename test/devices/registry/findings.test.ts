/** What is unusual about a device, as it is shown and told. */
import t from 'tap'
import { SERIAL, setUp, stored } from './rig.ts'

const finding = {
  kind: 'not_warming',
  since: '2026-01-15T12:00:00.000Z',
  message: 'It is cold.',
  evidence: { drop: 2 },
} as const

t.test('it is in the state; null while nobody watches', async (t) => {
  const { clock, registry } = setUp({ stored: [stored] })
  registry.start()
  await clock.advance(1_000)
  t.match(registry.get(SERIAL)?.state, { unusual: null, findings: null })
  t.notOk(registry.get(SERIAL)?.features.has('unusual'))
  const states: unknown[] = []
  registry.events.on('state', ({ state }) => states.push(state.unusual))
  registry.watched(SERIAL, [])
  registry.watched(SERIAL, [finding])
  t.match(registry.get(SERIAL)?.state, { unusual: true, findings: [finding] })
  t.ok(registry.get(SERIAL)?.features.has('unusual'))
  registry.watched(SERIAL, [{ ...finding }])
  registry.watched(SERIAL, null)
  registry.watched(SERIAL, [])
  t.strictSame(states, [false, true, null, false], 'one state for each change')
  registry.watched('UNKNOWN', [finding])
  await registry.stop()
})

t.test('it is told once when it begins and once when it ends, even over a restart', async (t) => {
  const { clock, registry, events } = setUp({
    stored: [stored],
    news: {
      faultsTold: () => new Map(),
      offlineTold: () => false,
      findingsTold: () => ['sensor_jumps', 'too_warm'],
    },
  })
  registry.start()
  await clock.advance(1_000)
  registry.watched(SERIAL, null)
  t.strictSame(
    events.filter(({ type }) => type.startsWith('finding')),
    [],
    'not known is not over',
  )
  const warm = { ...finding, kind: 'too_warm' } as const
  registry.watched(SERIAL, [warm, finding])
  registry.watched(SERIAL, [warm, finding])
  registry.watched(SERIAL, null)
  registry.watched(SERIAL, [warm])
  t.match(
    events.filter(({ type }) => type.startsWith('finding')),
    [
      {
        type: 'finding_began',
        serial: SERIAL,
        message: 'Bathroom: It is cold.',
        details: { finding: 'not_warming', evidence: { drop: 2 } },
      },
      { type: 'finding_ended', details: { finding: 'sensor_jumps' } },
      { type: 'finding_ended', message: 'Bathroom: “does not warm” is over.' },
    ],
  )
  await registry.stop()
})
