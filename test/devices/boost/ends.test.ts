import fc from 'fast-check'
import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { boostRig, MINUTE } from './rig.ts'

t.test('whatever happens to bridge, network and power: in the end all is as it was', async (t) => {
  const minutes = fc.integer({ min: 1, max: 40 })
  const step = fc.oneof(
    fc.record({
      what: fc.constant('boost' as const),
      minutes: fc.integer({ min: 5, max: 60 }),
      setpoint: fc.integer({ min: 31, max: 45 }),
    }),
    fc.record({ what: fc.constantFrom('pass' as const, 'unplug' as const, 'down' as const), minutes }),
    fc.record({ what: fc.constant('lose' as const), when: fc.constantFrom('before' as const, 'after' as const) }),
  )
  const mode = fc.constantFrom('heat', 'auto', 'off')
  await fc.assert(
    fc.asyncProperty(mode, fc.array(step, { minLength: 2, maxLength: 6 }), async (first, steps) => {
      const { set, state, parameter, pass, start, stop, link, kept } = await boostRig(t)
      await set({ mode: 'heat', target_temperature: 22 })
      await set({ mode: first })
      const shown = () => [state().mode, state().preset, state().operating_mode, ...[2, 5, 125, 0, 1].map(parameter)]
      const before = shown()
      for (const step of steps) {
        if (step.what === 'boost') {
          const command = { preset: 'boost', boost_minutes: step.minutes, timer_setpoint: step.setpoint }
          await set(command).catch(() => undefined)
        } else if (step.what === 'lose') {
          link.fail = { when: step.when, error: new BridgeError('OUTCOME_UNKNOWN', 'Lost.') }
        } else if (step.what === 'pass') await pass(step.minutes * MINUTE)
        else if (step.what === 'unplug') {
          link.unplugged = true
          await pass(step.minutes * MINUTE)
          link.unplugged = false
        } else {
          await stop()
          await pass(step.minutes * MINUTE)
          await start()
        }
      }
      await pass(75 * MINUTE)
      t.strictSame([...shown(), kept.size], [...before, 0], JSON.stringify([first, steps]))
    }),
    { numRuns: 12 },
  )
})
