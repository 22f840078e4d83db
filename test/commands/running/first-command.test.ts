/** The first command to a thermostat after the bridge has restarted for a change of its settings. */
import t from 'tap'
import { eventually, startHouse, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { temporaryFolder } from '../support.ts'
import { bridge } from './alive.ts'

const HOST = '127.23.140.1'

/** ms. So long that the machine, however slow, takes no part of it that matters. */
const HOUR = 3_600_000

/** As long as the process runs, but an hour can pass at once, for all but people. */
class LeapingClock extends FastClock {
  ahead = 0

  override monotonic(): number {
    return super.monotonic() + this.ahead
  }

  override now(): number {
    return super.now() - this.ahead
  }
}

t.test('a change of the settings does not let it wait for another minute', async (t) => {
  const devicePort = await unusedPort(HOST)
  const house = await startHouse(t, { thermostats: [{ model: 'ax', host: HOST, port: devicePort }] })
  const ax = unit(house)
  const port = await unusedPort()
  const [cloud] = house.describe().clouds
  const clock = new LeapingClock(1)
  const env = {
    T2M_DISCOVERY_ENABLED: 'true',
    T2M_DISCOVERY_HOST: '127.0.0.1',
    T2M_DISCOVERY_PORT: String(port),
    T2M_CLOUD_PROVIDER: cloud?.provider ?? '',
    T2M_CLOUD_URL: cloud?.url ?? '',
    T2M_CLOUD_USERNAME: cloud?.email ?? '',
    T2M_CLOUD_PASSWORD: cloud?.password ?? '',
  }
  const { ask, anew } = await bridge(t, temporaryFolder(t), env, { clock, devicePort, quiet: 10 * HOUR })
  ax.startBeacons({ host: '127.0.0.1', port }, 500)
  const ready = async () => {
    const { body } = await ask('GET', `/devices/${ax.serial}`)
    return body.online === true && JSON.stringify(body.health).includes('"key_source":"')
  }
  await eventually('it is known, with its key', ready)
  clock.ahead += 9 * HOUR
  await anew('PATCH', '/settings', { 'homeassistant.enabled': false })
  await eventually('it is known again', ready)
  // It is answered when the bridge stops.
  void ask('PATCH', `/devices/${ax.serial}/state`, { target_temperature: 24 }).catch(() => undefined)
  const told = await eventually('it is told that it waits', async () => {
    const { body } = await ask('GET', `/devices/${ax.serial}/events`)
    const events: readonly { type?: string; details?: { seconds?: number } }[] = Array.isArray(body.events)
      ? body.events
      : []
    return events.find(({ type }) => type === 'command_waits')
  })
  const seconds = told.details?.seconds ?? 0
  t.ok(seconds > 0 && seconds <= 3_600, `${seconds} s of ten hours are left after nine`)
})
