/** The example account of each provider in the reference can be signed in with as it stands. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { SERVICES, targetOf } from '../../../src/cloud/services/known.ts'
import { exampleAccount, yamlItem } from '../../../src/config/documents/example.ts'
import { loadSettings } from '../../../src/config/index.ts'
import { PROVIDERS, PROVIDERS_WITHOUT_LIST, PROVIDERS_WITHOUT_URL } from '../../../src/config/settings/accounts.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { bridge, serve } from '../support.ts'

t.test('every provider of the settings has a service, and they agree on what an account has to say', async (t) => {
  t.same(Object.keys(SERVICES), [...PROVIDERS])
  for (const provider of PROVIDERS) {
    t.equal(SERVICES[provider]?.url === undefined, PROVIDERS_WITHOUT_URL.has(provider))
    t.equal(SERVICES[provider]?.list === undefined, PROVIDERS_WITHOUT_LIST.has(provider))
  }
})

t.test('the example of each provider loads, stands in the reference, and makes an account', async (t) => {
  const reference = readFileSync(join(import.meta.dirname, '../../../config/README.md'), 'utf8')
  for (const provider of PROVIDERS) {
    const lines = yamlItem(exampleAccount(provider)).map((line) => `    ${line}`)
    t.ok(reference.includes(lines.join('\n')), provider)
    const folder = t.testdir({ 'config.yaml': ['cloud:', '  accounts:', ...lines].join('\n') })
    const { settings } = await loadSettings({ flags: { data_dir: folder }, env: {} })
    const [account] = settings.cloud.accounts
    if (!account) throw new Error('no account')
    t.equal(targetOf(account).base.protocol, 'https:')
    t.ok(targetOf(account).list)
    t.match(bridge(t, '', { accounts: [account], dataDir: t.testdir() }).view(), { provider, state: 'signed_out' })
  }
})

t.test('whatever JSON a login answers, it ends in a state, never in a crash or on another server', async (t) => {
  let answer: unknown
  let requests = 0
  const url = await serve(t, (_, response) => {
    requests++
    response.end(JSON.stringify(answer))
  })
  const links = fc.record({ href: fc.oneof(fc.webUrl(), fc.string()), method: fc.constantFrom('POST', 'GET') })
  const shaped = fc.record(
    {
      token: fc.oneof(fc.jsonValue(), fc.record({ access: fc.jsonValue(), refresh: fc.jsonValue() })),
      _links: fc.oneof(fc.jsonValue(), links, fc.array(links)),
      key: fc.jsonValue(),
      temp_token: fc.jsonValue(),
      status: fc.constantFrom('error', 'success', 1),
      error: fc.jsonValue(),
      newapikey: fc.oneof(fc.jsonValue(), fc.record({ key: fc.jsonValue() })),
    },
    { requiredKeys: [] },
  )
  const providers = ['bearer', 'omnitron', 'txty']
  const { clouds, log } = bridge(t, url, { accounts: providers.map((provider) => ({ id: provider, provider })) })
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), shaped), async (value) => {
      answer = value
      for (const id of providers) {
        const { state, error } = await clouds.login(id)
        if (error?.code === 'INTERNAL') throw new Error(error.message)
        if (state === 'code_needed') await clouds.submitCode(id, '1234').catch(known)
        await clouds.logout(id)
      }
    }),
    { numRuns: 60 },
  )
  t.ok(requests > 100)
  t.notMatch(log.text(), /"level":"error"/)
})

function known(error: unknown): void {
  if (!(error instanceof BridgeError) || error.code === 'INTERNAL') throw error
}
