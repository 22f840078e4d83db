/** What is to be done at a locked device, in its own way (vendors' documents, "Safety"). */
import t from 'tap'
import { MODELS, modelWithId } from '../../../src/catalog/index.ts'
import { LanDevice } from '../../../src/lan/lan-device.ts'
import type { Change } from '../../../src/lan/types.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { startRelay, startThermostat } from '../../support/simulator.ts'
import { defaults, errorOf, FakeKeys } from '../support.ts'

/** What each document says has to be pressed, and what it has not. */
const WAYS: Readonly<Record<string, { readonly says: RegExp; readonly never: RegExp }>> = {
  ax: { says: /hold the menu button until bLc.*press the middle one.*oFF/, never: /reg appears|right/ },
  sx: { says: /hold the menu button until bLc.*press the middle one.*oFF/, never: /reg appears|right/ },
  rx: { says: /hold the menu button until bLc.*press the middle one.*oFF/, never: /reg appears|right/ },
  bx: { says: /hold the menu button until bLc.*press the middle one.*oFF/, never: /reg appears|right/ },
  az: { says: /hold the left button until reg appears.*bLc.*oFF/, never: /menu button|CLOUD BLOCK/ },
  old: { says: /hold the left button until reg appears.*bLc.*oFF/, never: /menu button|CLOUD BLOCK/ },
  oz: { says: /hold the left button until reg appears.*bLc.*oFF/, never: /menu button|CLOUD BLOCK/ },
  ms: { says: /hold its right button for 36 to 39 s/, never: /bLc|oFF|menu/ },
  d2w: { says: /hold its right button for 36 to 39 s/, never: /bLc|oFF|menu/ },
  unknown: { says: /Terneo: .*menu button.*Welrok: .*reg appears.*oFF/, never: /right button for/ },
}

const BRIGHTNESS: readonly Change[] = [{ id: 23, type: 2, raws: ['1'] }]
const D2W_BRIGHTNESS: readonly Change[] = [{ id: 73, type: 5, raws: ['1'] }]

t.test('every model has its way', async (t) => {
  t.same(Object.keys(WAYS).sort(), MODELS.map(({ id }) => id).sort())
})

for (const [id, { says, never }] of Object.entries(WAYS)) {
  t.test(`${id}: locked for the LAN without a key, and locked for all`, async (t) => {
    const model = modelWithId(id)
    const clock = new FakeClock()
    const unit =
      id === 'ms' || id === 'd2w'
        ? await startRelay(t, id, { clock, lock: 'lan' })
        : await startThermostat(t, { clock, lock: 'lan' })
    const device = new LanDevice({
      ...defaults(clock),
      address: { host: unit.host, port: unit.port },
      keys: new FakeKeys(undefined),
      dialect: () => model.dialect,
      model: () => model,
    })
    t.teardown(() => device.stop())
    const changes = id === 'd2w' ? D2W_BRIGHTNESS : BRIGHTNESS
    const refused = async () =>
      await errorOf(
        clock,
        device.write(() => changes),
      )
    const keyless = await refused()
    t.equal(keyless?.code, 'KEY_MISSING')
    t.match(keyless?.message, says)
    t.notMatch(keyless?.message, never)
    unit.device.setLock('both')
    const both = await refused()
    t.equal(both?.code, 'LOCKED_BOTH')
    t.match(both?.message, says)
    t.match(both?.message, id === 'ms' || id === 'd2w' ? /CLOUD BLOCK.*index\.html/ : /or Lan to let signed/)
    t.notMatch(both?.message, id === 'ms' || id === 'd2w' ? /bLc|oFF/ : /CLOUD BLOCK/)
  })
}
