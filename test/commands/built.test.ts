/** The program as it is built, which no other test runs: that its parts find each other, and what is loaded late. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import t from 'tap'
import { build } from 'vite'
import { readVersion } from '../../src/version.ts'
import { mailServer, USER } from '../messages/smtp.ts'
import { run, start } from './support.ts'

const root = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname
const PASSWORD = 'long enough'
const BASIC = { authorization: `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}` }

t.test('the built program', async (t) => {
  // Below the packages, which it looks for from where it is.
  const folder = t.testdir({ 'package.json': readFileSync(root('package.json'), 'utf8') })
  const outDir = `${folder}/dist`
  await build({ root: root(''), configFile: root('vite.config.ts'), build: { outDir } })
  const main = `${outDir}/main.js`

  await t.test('is a few files in letters that V8 keeps in one byte each', async (t) => {
    const files = readdirSync(outDir).filter((name) => name.endsWith('.js'))
    t.ok(files.length < 120, `${files.length} files`)
    const wide = files.filter((name) => /[^\0-\xff]/.test(readFileSync(`${outDir}/${name}`, 'utf8')))
    t.strictSame(wide, [])
    const sources = files.map((name) => readFileSync(`${outDir}/${name}`, 'utf8'))
    const [mail = '', ...more] = files.filter((_name, index) => sources[index]?.includes('Auto-Submitted'))
    t.strictSame(more, [])
    const always = sources.filter((source) => new RegExp(`(from|import) ?["']\\./${mail}`).test(source))
    t.strictSame(always, [], 'what sends e-mail is loaded only for that')
  })

  await t.test('tells its version', async (t) => {
    t.match(await run(t, ['--version'], { main }), { code: 0, stdout: `${readVersion()}\n` })
  })

  await t.test('serves, with what is loaded when it is first asked for', async (t) => {
    mkdirSync(`${outDir}/web/assets`, { recursive: true })
    writeFileSync(`${outDir}/web/index.html`, '<title>the page</title>')
    writeFileSync(`${outDir}/web/assets/script.js.br`, 'compressed')
    writeFileSync(`${outDir}/web/assets/script.js`, '1')
    const { port, mails } = await mailServer(t)
    const env = {
      ...{ T2M_API_ADMIN_PASSWORD: PASSWORD, T2M_DISCOVERY_ENABLED: 'false', T2M_LOG_FORMAT: 'json' },
      ...{ T2M_MESSAGES_EMAIL_HOST: '127.0.0.1', T2M_MESSAGES_EMAIL_PORT: String(port), T2M_MESSAGES_EMAIL_TO: USER },
      T2M_MESSAGES_EMAIL_FROM: USER,
    }
    const bridge = start(t, ['run', '--api.port=0', '--mqtt.embedded.port=0'], { main, env })
    const [, url = ''] = await bridge.shows(/"api":"(http:[^"]+)"/)
    const get = async (path: string, headers: Record<string, string> = BASIC) => {
      const answer = await fetch(url + path, { headers })
      return { status: answer.status, text: await answer.text(), headers: answer.headers }
    }
    t.match(await get('/'), { status: 200, text: 'the page' })
    const script = await fetch(`${url}/assets/script.js`, { headers: { 'accept-encoding': 'gzip;q=0' } })
    t.match(script.headers.get('content-type'), /\/javascript; charset=utf-8$/)
    t.match(await get('/docs'), { status: 200, text: 'swagger-ui' })
    t.match(await get('/docs/static/swagger-ui.css'), { status: 200 })
    t.match(await get('/openapi.json'), { status: 200, text: readVersion() })
    t.match(await get('/metrics'), { status: 200, text: 'process_resident_memory_bytes' })
    const login = await fetch(`${url}/api/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: PASSWORD }),
    })
    t.equal(login.status, 200)
    const { token } = Object(await login.json())
    const backup = await fetch(`${url}/api/v1/backup`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.access}`, 'content-type': 'application/json' },
      body: JSON.stringify({ passphrase: 'twelve letters or more', password: PASSWORD }),
    })
    t.match(await backup.text(), /^age-encryption\.org\/v1\n/)
    const tested = await fetch(`${url}/api/v1/messages/test`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.access}` },
    })
    t.match(await tested.json(), { results: [{ channel: 'email', to: USER, problem: null }] })
    t.equal(mails.length, 1)
    bridge.child.kill('SIGTERM')
    const { code, stderr } = await bridge.ended
    t.equal(code, 0)
    t.equal(stderr, '')
  })

  await t.test('has the programs beside it that it runs as processes', async (t) => {
    const from = `${folder}/from.db`
    const db = new Database(from)
    db.exec('CREATE TABLE one (text TEXT) STRICT')
    db.close()
    const ran = (name: string, ...paths: string[]) => once(fork(`${outDir}/store/${name}.js`, paths), 'exit')
    t.strictSame(await ran('copies/copier', from, `${folder}/to.db`), [0, null])
    const copy = new Database(`${folder}/to.db`, { readonly: true })
    t.strictSame(copy.prepare('SELECT name FROM sqlite_schema').pluck().all(), ['one'])
    copy.close()
    t.strictSame(await ran('database/checkpointer', from), [0, null])
  })
})
