/** A bridge as it is when it is new, with a house, a broker of the owner and a browser. */
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import type { Browser } from 'playwright-core'
import type { Test } from 'tap'
import { loadWith } from '../../../src/app/settings/kept.ts'
import type { AppAddresses } from '../../../src/app.ts'
import { live } from '../../../src/commands/running/life.ts'
import type { VirtualHouse } from '../../../src/simulator/index.ts'
import { QUICK_PASSWORDS } from '../../support/api.ts'
import { eventually, startHouse, tempFolder, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { builtPage, openBrowser } from '../browser/browser.ts'

/** What the owner's broker wants. */
export const BROKER = { username: 'home', password: 'password-of-the-broker' }

export interface Empty {
  readonly browser: Browser
  readonly house: VirtualHouse
  readonly clock: FastClock
  readonly url: string
  /** The password that the first start has shown. */
  readonly password: string
}

/** A bridge of which nothing is set but where it may listen in a test. */
export async function startEmpty(
  t: Test,
  more: Readonly<Record<string, string>> = {},
  flags: Readonly<Record<string, string>> = {},
): Promise<Empty> {
  const clock = new FastClock(8, Date.now())
  const page = await builtPage()
  const devicePort = await unusedPort('127.23.1.1')
  const house = await startHouse(t, {
    clock,
    addressing: 'addresses',
    port: devicePort,
    thermostats: [{ model: 'ax' }, { model: 'ax' }],
  })
  const beacons = await unusedPort()
  const broker = await ownBroker(t)
  const env = {
    T2M_DATA_DIR: await tempFolder(t),
    // Its own, as it starts anew with each change.
    T2M_API_PORT: String(await unusedPort()),
    // As if Mosquitto had the usual port.
    T2M_MQTT_EMBEDDED_PORT: String(broker),
    T2M_DISCOVERY_HOST: '127.0.0.1',
    T2M_DISCOVERY_PORT: String(beacons),
    T2M_DEVICE_MIN_SPACING: '200ms',
    T2M_LOG_LEVEL: 'silent',
    ...more,
  }
  const said: string[] = []
  let end = (_reason: string) => {}
  const ended = new Promise<string>((resolve) => {
    end = resolve
  })
  let addresses: AppAddresses | undefined
  const lives = live({
    clock,
    terminal: { out: (line) => void said.push(line), err: () => undefined, ask: async () => undefined },
    devicePort,
    ended,
    load: (kept) => loadWith(clock, { flags, env, cwd: env.T2M_DATA_DIR }, kept),
    onStarted: (now) => {
      addresses = now
    },
    app: { passwordCost: QUICK_PASSWORDS, page },
  })
  t.teardown(async () => {
    end('the test ends')
    await lives
  })
  const { api } = await eventually('it runs', () => addresses)
  unit(house, 0).startBeacons({ host: '127.0.0.1', port: beacons }, 2_000)
  const password = /shown only this once: (\S+)/.exec(said.join('\n'))?.[1] ?? ''
  return { browser: await openBrowser(t), house, clock, url: `${api.url}/`, password }
}

/** The port of a broker that wants user name and password. */
async function ownBroker(t: Test): Promise<number> {
  const broker = await Aedes.createBroker({
    authenticate: (_client, username, password, done) =>
      done(null, username === BROKER.username && password?.toString() === BROKER.password),
  })
  const server = createServer(broker.handle).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => {
    broker.close()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
