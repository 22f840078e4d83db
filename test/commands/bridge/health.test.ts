import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { Server } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { health } from '../../../src/commands/bridge/health.ts'
import { selfSigned } from '../../support/certificate.ts'
import { listening } from '../../support/listening.ts'
import { call } from '../support.ts'

/** Something that answers with this status at /healthz. */
async function bridge(t: Test, status: number, make = (listener: RequestListener): Server => createServer(listener)) {
  return listening(
    t,
    make(({ url }, response) => response.writeHead(url === '/healthz' ? status : 404).end()),
  )
}

/** The exit code of the command, and what it says, with this in the configuration file. */
async function asked(t: Test, api: object, env: Record<string, string> = {}) {
  const file = join(t.testdir({}), 'config.yaml')
  writeFileSync(file, JSON.stringify({ api }))
  const given = call({ env: { T2M_CONFIG: file, ...env } })
  return { code: await health(given), said: [...given.terminal.outs, ...given.terminal.errs].join() }
}

t.test('the bridge is asked where its settings say that it is', async (t) => {
  const port = await bridge(t, 200)
  t.strictSame(await asked(t, { port }), { code: 0, said: 'The bridge works.' }, 'by the file')
  t.match(await asked(t, { host: '0.0.0.0' }, { T2M_API_PORT: String(port) }), { code: 0 }, 'by the environment')
  const pair = selfSigned()
  const tls = { cert: join(t.testdirName, 'cert.pem'), key: join(t.testdirName, 'key.pem') }
  const secure = await bridge(t, 200, (listener) => createSecure(pair, listener))
  t.match(await asked(t, { port: secure, tls }), { code: 0 }, 'with a certificate of its own')
  t.match(await asked(t, { port: secure }), { code: 1 }, 'which it is not asked for without')
})

t.test('what does not work, and whom nobody is behind', async (t) => {
  t.match(await asked(t, { port: await bridge(t, 500) }), { code: 1, said: /status 500/ })
  const torn = createServer((_, response) => {
    response.writeHead(200, { 'content-length': 9 })
    response.write('{', () => response.destroy())
  })
  t.match(await asked(t, { port: await listening(t, torn) }), { code: 1, said: /No bridge answers at .*aborted/ })
  t.match(await asked(t, { host: '::', port: 9 }), { code: 1, said: /No bridge answers at http:\/\/\[::1\]:9/ })
})
