import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { Clouds, type CloudsOptions } from '../../src/cloud/cloud.ts'
import type { AccountView, CloudEvents } from '../../src/cloud/events.ts'
import type { AccountSettings } from '../../src/cloud/services/known.ts'
import type { SecretValues } from '../../src/core/logging/secrets.ts'
import type { Store } from '../../src/store/store.ts'
import { type LogBook, open } from '../store/support.ts'
import { eventually } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { EMAIL, PASSWORD } from '../support/simulator.ts'

export const HOUR = 3_600_000

export interface Bridge {
  readonly clouds: Clouds
  readonly store: Store
  readonly clock: FakeClock
  readonly log: LogBook
  readonly heard: { [Name in keyof CloudEvents]: CloudEvents[Name][] }
  /** The view of the first account. */
  view(): AccountView
  close(): Promise<void>
}

export interface BridgeOptions {
  readonly dataDir?: string
  readonly clock?: FakeClock
  readonly accounts?: readonly Partial<AccountSettings>[]
  readonly random?: () => number
  /** Instead of those that the log filters by, to see what would be written without the filter. */
  readonly secrets?: SecretValues
}

/** Clouds on a store of their own, as the service builds them, for accounts at `url`. */
export function bridge(t: Test, url: string, options: BridgeOptions = {}): Bridge {
  const clock = options.clock ?? new FakeClock()
  const { store, log } = open(t, options.dataDir ?? t.testdir(), { clock })
  const accounts = (options.accounts ?? [{}]).map((account) => ({
    id: 'home',
    provider: 'welrok',
    username: EMAIL,
    password: PASSWORD,
    url,
    ...account,
  }))
  const all: CloudsOptions = {
    accounts,
    syncInterval: 6 * HOUR,
    store,
    clock,
    random: options.random ?? (() => 0.5),
    logger: log.logger,
    secrets: options.secrets ?? log.secrets,
    timeout: 20_000,
  }
  const clouds = new Clouds(all)
  const heard: Bridge['heard'] = { account: [], devices: [], key: [], failed: [] }
  clouds.events.on('account', (view) => heard.account.push(view))
  clouds.events.on('devices', (list) => heard.devices.push(list))
  clouds.events.on('key', (key) => heard.key.push(key))
  clouds.events.on('failed', (failure) => heard.failed.push(failure))
  const view = (): AccountView => {
    const first = clouds.list()[0]
    if (!first) throw new Error('no account')
    return first
  }
  const close = async () => {
    await clouds.stop()
    store.close()
  }
  t.teardown(close)
  return { clouds, store, clock, log, heard, view, close }
}

/** Waits, in real time, for what real sockets bring about. */
export async function until(condition: () => boolean): Promise<void> {
  await eventually(String(condition), condition)
}

/** A server that answers as `listener` says, until the test ends. */
export async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
