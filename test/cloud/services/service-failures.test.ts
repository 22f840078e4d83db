/** How each of the services can fail at each step. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ServiceFault } from '../../../src/simulator/index.ts'
import { selfSigned } from '../../support/certificate.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { CODE_STEP, HARNESSES, NAMES } from '../harness.ts'
import { bridge, until } from '../support.ts'

const MINUTE = 60_000

/** Of an account that is kept. */
const AGAIN = /[.)] It is tried again later\.$/

/** One fault at each step, and that all goes on when it is over. */
async function failsEverywhere(t: Test, name: (typeof NAMES)[number], fault: ServiceFault, message: RegExp) {
  const dataDir = mkdtempSync(join(tmpdir(), 'thermo2mqtt-'))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  const clock = new FakeClock()
  const h = await HARNESSES[name](t, { clock, secondFactor: true })
  const { clouds, view, close } = bridge(t, h.service.url, { clock, accounts: [h.account], dataDir })
  const fails = (on: string) => h.service.faults.push({ on, fault })
  const label = `${name} ${JSON.stringify(fault)}`
  fails('login')
  await clock.until(clouds.sync())
  t.match(view(), { state: 'unreachable', error: { message } }, `login ${label}`)
  t.match(view().error?.message, AGAIN, `login ${label}`)
  await clock.advance(1_500)
  t.match(await clouds.login('home'), { state: 'code_needed' })
  fails(CODE_STEP[name])
  const refused: unknown = await clock.until(clouds.submitCode('home', h.code())).catch((error: unknown) => error)
  t.match(refused, { message }, `code ${label}`)
  t.match(refused, { message: / Give the code once more\.$/ }, `code ${label}: nobody else gives it`)
  await clock.advance(1_500)
  t.match(view(), { state: 'code_needed' }, 'the code can be given again')
  t.match(await clouds.submitCode('home', h.code()), { state: 'ready' }, `code after ${label}`)
  fails('devices')
  await clock.until(clouds.sync())
  t.match(view(), { state: 'unreachable', error: { message } }, `devices ${label}`)
  t.match(view().error?.message, AGAIN, `devices ${label}`)
  await clock.advance(1_500)
  t.match(await clouds.sync(), [{ state: 'ready' }])
  await close()
}

t.test('time-outs of each step of each service', async (t) => {
  for (const name of NAMES) await failsEverywhere(t, name, 'no-answer', /did not answer in time/)
})

const FAULTS: readonly (readonly [ServiceFault, RegExp])[] = [
  ['cut', /broke the connection/],
  [{ status: 500 }, /reports an error \(500\)/],
  ['bad-gateway', /reports an error \(502\)/],
  ['bad-json', /not JSON/],
  ['empty', /is empty/],
  [
    { redirect: 'https://elsewhere.example/login' },
    /redirect \(302\) to elsewhere\.example, which the bridge does not follow/,
  ],
  [{ status: 429, retryAfter: '1' }, /fewer requests/],
]

for (const name of NAMES) {
  t.test(`${name}: failures of each step are told, and none is taken for a session`, async (t) => {
    for (const [fault, message] of FAULTS) await failsEverywhere(t, name, fault, message)
  })

  t.test(`${name}: an answer that is neither a session nor a way to one counts as a refusal`, async (t) => {
    const clock = new FakeClock()
    const h = await HARNESSES[name](t, { clock, secondFactor: false })
    for (const spoil of ['missing', 'huge', 'shape'] as const) {
      const { clouds, view, log, close } = bridge(t, h.service.url, {
        clock,
        accounts: [h.account],
        dataDir: t.testdir(),
      })
      if (spoil === 'shape') h.service.faults.push({ on: 'login', fault: 'wrong-shape' })
      else h.service.token = spoil
      clouds.start()
      await until(() => view().state === 'auth_failed')
      t.match(view().error, { code: 'CLOUD_AUTH', message: /unusable answer to the login: .*sign in again/ }, spoil)
      const asked = h.service.asked('login')
      for (let minutes = 0; minutes < 58; minutes++) await clock.advance(MINUTE)
      t.equal(h.service.asked('login'), asked, 'not hammered')
      t.ok(log.text().length < 5_000)
      h.service.token = 'good'
      t.match(await clouds.login('home'), { state: 'ready' })
      await close()
    }
  })

  t.test(`${name}: plain http to another machine is refused unless allowed`, async (t) => {
    const accounts = (allow_insecure: boolean) => [{ provider: name, url: 'http://cloud.example', allow_insecure }]
    t.throws(() => bridge(t, '', { accounts: accounts(false), dataDir: t.testdir() }), {
      code: 'BAD_REQUEST',
      message: /unencrypted/,
    })
    t.match(bridge(t, '', { accounts: accounts(true), dataDir: t.testdir() }).view(), { state: 'signed_out' })
  })
}

t.test('a certificate that nobody vouches for: said, and nothing is sent', async (t) => {
  let requests = 0
  const server = createServer(selfSigned(), (_, response) => {
    requests++
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const provider of NAMES) {
    const { clouds, view, close } = bridge(t, url, { accounts: [{ provider }], dataDir: t.testdir() })
    await clouds.sync()
    t.match(view(), {
      state: 'unreachable',
      error: { code: 'CLOUD_UNREACHABLE', message: /certificate is not valid here.*SELF_SIGNED/ },
    })
    await close()
  }
  t.equal(requests, 0)
})
