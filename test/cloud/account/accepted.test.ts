/** From the login of each service to a thermostat that accepts the key, over real sockets. */
import t from 'tap'
import { Keyring } from '../../../src/cloud/account/keyring.ts'
import { LanDevice } from '../../../src/lan/lan-device.ts'
import { defaults, passing, setpoint } from '../../lan/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { startThermostat } from '../../support/simulator.ts'
import { HARNESSES, NAMES } from '../harness.ts'
import { bridge, HOUR } from '../support.ts'

const NEW_KEY = 'BBD4EXAJX4E8A8XT'

for (const name of NAMES) {
  for (const secondFactor of [false, true]) {
    t.test(
      `${name}${secondFactor ? ' with a second factor' : ''}: its keys sign, also after a re-binding`,
      async (t) => {
        const clock = new FakeClock()
        const h = await HARNESSES[name](t, { clock, secondFactor })
        const unit = await startThermostat(t, { clock, lock: 'lan' })
        const { clouds, store, log, view } = bridge(t, h.service.url, { clock, accounts: [h.account] })
        await clouds.sync()
        if (secondFactor) await clouds.submitCode('home', h.code())
        const { secrets, logger } = log
        const keys = new Keyring({ configured: new Map(), keys: store.keys, source: clouds, clock, logger, secrets })
        const device = new LanDevice({ ...defaults(clock), address: { host: unit.host, port: unit.port }, keys })
        t.teardown(() => device.stop())
        const write = (value: number) =>
          passing(
            clock,
            device.write(() => setpoint(value)),
          )
        await write(245)
        t.equal(unit.parameter(4), '245')

        unit.rebind(NEW_KEY)
        h.rebind(NEW_KEY)
        await clock.advance(HOUR)
        await write(235)
        t.equal(unit.parameter(4), '235', 'signed again with the new key')
        t.match(keys.get(unit.serial), { key: NEW_KEY, source: 'home' })

        h.changePassword('another')
        await clouds.sync()
        t.match(view(), { state: 'auth_failed' })
        await write(225)
        t.equal(unit.parameter(4), '225', 'local control goes on')
      },
    )
  }
}
