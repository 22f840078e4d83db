/** A bridge that lives through changes of its settings, asked over REST. */
import type { Test } from 'tap'
import { loadWith } from '../../../src/app/settings/kept.ts'
import type { AppAddresses } from '../../../src/app.ts'
import { live } from '../../../src/commands/running/life.ts'
import type { loadSettings } from '../../../src/config/index.ts'
import type { Clock } from '../../../src/core/clock.ts'
import { QUICK_PASSWORDS, type SignedIn, signIn } from '../../support/api.ts'
import { eventually } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { call, QUICK, temporaryFolder } from '../support.ts'

const PASSWORD = 'hunter2-admin'

export interface Alive {
  readonly url: string
  readonly broker: { readonly host: string; readonly port: number }
  readonly flags: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** How often it has started. */
  starts(): number
  ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown>; text: string }>
  /** The answer, once the bridge has started anew. */
  anew(method: string, path: string, body?: unknown): Promise<number>
  /** As `ask`, but only what went wrong. */
  refused(method: string, path: string, body?: unknown): Promise<string>
  stop(): Promise<void>
}

interface Place {
  readonly clock: Clock
  readonly devicePort: number
  readonly quiet?: number
}

export async function bridge(
  t: Test,
  dataDir = temporaryFolder(t),
  more: Record<string, string> = {},
  // A change is answered in 200 ms of it, and stopping has five seconds: a busy machine needs some of both.
  { clock, devicePort, ...app }: Place = { clock: new FastClock(2, Date.now()), devicePort: 80 },
): Promise<Alive> {
  const env = { ...QUICK, T2M_API_ADMIN_PASSWORD: PASSWORD, T2M_DISCOVERY_ENABLED: 'false', ...more }
  // Nobody else is given them while the bridge starts anew.
  const [apiPort, brokerPort] = [await unusedPort(), await unusedPort()]
  const flags = { data_dir: dataDir, 'api.port': String(apiPort), 'log.level': 'silent' }
  let end = (_reason: string) => {}
  const ended = new Promise<string>((resolve) => {
    end = resolve
  })
  let starts = 0
  let begun = (_addresses: AppAddresses) => {}
  const started = new Promise<AppAddresses>((resolve) => {
    begun = resolve
  })
  // A port of its own, as a test must have, and yet for the page to set.
  const free = async (loading: ReturnType<typeof loadSettings>) => {
    const loaded = await loading
    const { mqtt } = loaded.settings
    const port = mqtt.embedded.port === 1883 ? brokerPort : mqtt.embedded.port
    return { ...loaded, settings: { ...loaded.settings, mqtt: { ...mqtt, embedded: { ...mqtt.embedded, port } } } }
  }
  const lives = live({
    clock,
    terminal: call({}).terminal,
    devicePort,
    ended,
    load: (kept) => free(loadWith(clock, { flags, env }, kept)),
    onStarted: (addresses) => {
      starts++
      begun(addresses)
    },
    app: { ...app, passwordCost: QUICK_PASSWORDS },
  })
  const { api, broker } = await Promise.race([started, lives.then(() => Promise.reject(new Error('ended')))])
  const stop = async () => {
    end('the test ends')
    await lives
  }
  t.teardown(stop)
  const signedIn: SignedIn = await signIn(api.url, PASSWORD)
  const ask: Alive['ask'] = async (method, path, body) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(`${api.url}/api/v1${path}`, {
      method,
      headers: { ...signedIn, ...json, connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, text, body: JSON.parse(text) }
  }
  return {
    url: api.url,
    broker: broker ?? { host: '', port: 0 },
    flags,
    env,
    starts: () => starts,
    ask,
    async anew(method, path, body) {
      const before = starts
      const { status } = await ask(method, path, body)
      await eventually('the bridge has started anew', () => starts > before)
      return status
    },
    async refused(method, path, body) {
      const { status, text } = await ask(method, path, body)
      const { error } = JSON.parse(text)
      return error ? `${error.code}: ${error.message}` : `${status}`
    },
    stop,
  }
}
