/** Every login flow at log level trace: no secret in the log, the events, the views, the errors or the database's files. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { AccountSettings } from '../../src/cloud/services/known.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import type { ServiceFault, VirtualService } from '../../src/simulator/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { eachRow } from '../support/rows.ts'
import { EMAIL, KEY, PASSWORD, startBearer, startCloud, startOmnitron, startTxty } from '../support/simulator.ts'
import { HARNESSES, TOTP_SECRET } from './harness.ts'
import { type Bridge, type BridgeOptions, bridge } from './support.ts'

const WRONG = 'a wrong pass phrase'

/** Runs something and collects all that can be seen of it afterwards. */
class Watched {
  readonly bridge: Bridge
  readonly #errors: unknown[] = []
  readonly #dataDir: string

  constructor(t: Test, url: string, options: Omit<BridgeOptions, 'dataDir'>) {
    this.#dataDir = t.testdir()
    // Without the filter of the log, which is only the second net.
    this.bridge = bridge(t, url, { ...options, dataDir: this.#dataDir, secrets: new SecretValues() })
  }

  async fails(work: Promise<unknown>): Promise<void> {
    try {
      await work
    } catch (error) {
      this.#errors.push(error instanceof Error ? [error.stack, { ...error }, error.cause] : error)
      return
    }
    throw new Error('it was to fail')
  }

  check(t: Test, secrets: Iterable<string>): void {
    const { log, heard, clouds } = this.bridge
    const shown = `${log.text()}\n${JSON.stringify([heard, clouds.list(), this.#errors])}`
    const files = readdirSync(this.#dataDir).filter((name) => name !== 'store.key')
    const stored = files.map((name) => readFileSync(join(this.#dataDir, name), 'latin1')).join('\n')
    t.ok(files.some((name) => name.endsWith('.db')))
    const all = [...secrets]
    t.ok(all.length > 2)
    eachRow(
      t,
      'a secret',
      all,
      (secret) => `${secret.slice(0, 2)}…`,
      (secret) => {
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
          // Codes are short: digits around them make another number of them.
          const alone = new RegExp(`(?<!\\d)${form.replaceAll(/[^\w]/g, '\\$&')}(?!\\d)`)
          assert.ok(!alone.test(shown), 'it is shown')
          if (form.length >= 8) assert.ok(!stored.includes(form), 'it is stored readable')
        }
      },
    )
  }
}

t.test('terneo and welrok', async (t) => {
  for (const provider of ['terneo', 'welrok']) {
    const cloud = await startCloud(t)
    const watched = new Watched(t, cloud.url, { accounts: [{ provider }] })
    await watched.bridge.clouds.sync()
    cloud.changePassword(EMAIL, 'another')
    await watched.bridge.clouds.sync()
    watched.check(t, [PASSWORD, KEY, 'another'])
    await watched.bridge.close()
  }
})

t.test('bearer', async (t) => {
  const clock = new FakeClock()
  const service = await startBearer(t, { has2fa: true, lifetime: 3600, refresh: 'rotate', logout: true, clock })
  const accounts = [{ provider: 'bearer', devices: { path: '/api/v1/devices/', items: 'results' } }]
  const watched = new Watched(t, service.url, { clock, accounts })
  const { clouds } = watched.bridge
  await clouds.sync()
  await watched.fails(clouds.submitCode('home', 'wrong-code-1'))
  await clouds.submitCode('home', service.mails[0] ?? '')
  service.revokeTokens({ refresh: false })
  await clouds.sync()
  await everyFault(watched, service, ['login', 'code', 'refresh', 'devices'], () => service.mails.at(-1) ?? '')
  await clouds.logout('home')
  watched.check(t, [PASSWORD, KEY, 'wrong-code-1', ...service.issued])
})

t.test('omnitron', async (t) => {
  const clock = new FakeClock()
  const service = await startOmnitron(t, { clock })
  const account: Partial<AccountSettings> = { provider: 'omnitron', totp_secret: TOTP_SECRET }
  const watched = new Watched(t, service.url, { clock, accounts: [account] })
  const { clouds } = watched.bridge
  await clouds.sync()
  await clouds.totp('home', 'setup')
  await watched.fails(clouds.totp('home', 'activate', { token: 'wrong-code-1' }))
  const given = await clouds.totp('home', 'activate')
  t.match(given, { operation: 'activate' })
  await clouds.logout('home')
  await clock.advance(60_000)
  await clouds.login('home')
  service.setSecret(EMAIL, TOTP_SECRET)
  await clouds.logout('home')
  await clouds.login('home')
  service.quirks.wrongCode = 403
  await watched.fails(clouds.submitCode('home', 'wrong-code-2'))
  await everyFault(watched, service, ['login', 'verify', 'setup', 'deactivate'], () => service.codeFor(TOTP_SECRET))
  watched.check(t, [PASSWORD, TOTP_SECRET, 'wrong-code-1', 'wrong-code-2', ...service.issued])
})

t.test('txty', async (t) => {
  for (const methods of ['both', 'get'] as const) {
    const clock = new FakeClock()
    const service = await startTxty(t, { twoFactor: true, methods, clock })
    const watched = new Watched(t, service.url, { clock, accounts: [{ provider: 'txty' }] })
    const { clouds } = watched.bridge
    await clouds.sync()
    await watched.fails(clouds.submitCode('home', 'wrong-code-1'))
    await clouds.submitCode('home', service.messages[0] ?? '')
    await everyFault(watched, service, ['login', 'view'], () => service.messages.at(-1) ?? '')
    service.changePassword(EMAIL, 'another')
    await clouds.sync()
    watched.check(t, [PASSWORD, 'another', 'wrong-code-1', ...service.issued])
    await watched.bridge.close()
  }
})

t.test('wrong passwords, which services repeat', async (t) => {
  for (const harness of Object.values(HARNESSES)) {
    const clock = new FakeClock()
    const { service, account } = await harness(t, { clock, secondFactor: true })
    const watched = new Watched(t, service.url, { clock, accounts: [{ ...account, password: WRONG }] })
    await watched.bridge.clouds.sync()
    await watched.bridge.clouds.login('home')
    t.match(watched.bridge.view(), { state: 'auth_failed' })
    watched.check(t, [WRONG, PASSWORD, KEY])
    await watched.bridge.close()
  }
})

/** Every way an answer can be bad, at each of some steps; how it ends does not matter here. */
async function everyFault(
  { bridge: { clouds } }: Watched,
  service: VirtualService,
  steps: readonly string[],
  code: () => string,
): Promise<void> {
  const faults: readonly ServiceFault[] = [
    'cut',
    'bad-json',
    'wrong-shape',
    'empty',
    'bad-gateway',
    { status: 500 },
    { redirect: 'http://x.example/' },
  ]
  for (const on of steps) {
    for (const fault of faults) {
      service.faults.push({ on, fault })
      await clouds.login('home')
      await Promise.allSettled([clouds.totp('home', 'setup'), clouds.submitCode('home', code())])
      await clouds.sync()
      service.faults.length = 0
    }
  }
}
