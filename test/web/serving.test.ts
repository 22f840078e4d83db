/** The page as it is built and served. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { builtPage as whereBuilt } from '../../src/api/routes/bridge/page.ts'
import { LANGUAGES } from '../../src/web/i18n/index.ts'
import { ask, running } from '../api/support.ts'
import { builtPage } from './browser/browser.ts'

const LIMIT = 150 * 1024

t.test('it is small, compressed as a browser gets it', async (t) => {
  const folder = await builtPage()
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !/\.(gz|br)$/.test(entry.name),
  )
  const isTexts = (name: string) => /^[a-z]{2}-[^.]*\.js$/.test(name)
  const sizeOf = ({ parentPath, name }: { parentPath: string; name: string }) =>
    gzipSync(readFileSync(join(parentPath, name))).length
  const texts = files.filter(({ name }) => isTexts(name)).map(sizeOf)
  t.equal(texts.length, LANGUAGES.length, 'a file of texts for each language, of which a browser gets one')
  const rest = files.filter(({ name }) => !isTexts(name)).map(sizeOf)
  const sum = rest.reduce((all, size) => all + size, 0) + Math.max(...texts)
  t.ok(files.length >= 4, 'page, script, styles, icon')
  t.ok(sum < LIMIT, `${sum} bytes`)
  t.comment(`the page is ${Math.round(sum / 1024)} KiB compressed`)

  await t.test('and served without sign-in, under a policy that lets no other script run', async (t) => {
    const api = await running({ page: folder })
    t.teardown(api.close)
    const page = await ask(api.port, '/', { authorization: null })
    t.equal(page.status, 200)
    t.match(page.headers['content-type'], 'text/html')
    t.equal(page.headers['cache-control'], 'no-cache')
    const policy = String(page.headers['content-security-policy'])
    t.match(policy, "default-src 'none'")
    t.match(policy, "script-src 'self'")
    t.notMatch(policy, 'unsafe')
    t.notMatch(page.text, /<script(?![^>]* src=)/, 'no script inline')
    t.notMatch(page.text, /<style| style=| on\w+=/, 'no style and no handler inline')
    const named = [...page.text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path)
    const hashed = named.filter((path) => path?.startsWith('assets/'))
    t.equal(hashed.length, 3)
    for (const path of hashed) {
      const file = await ask(api.port, `/${path}`, { authorization: null, headers: { 'accept-encoding': 'gzip' } })
      t.equal(file.status, 200, path ?? '')
      t.equal(file.headers['content-encoding'], 'gzip')
      t.match(file.headers['cache-control'], 'immutable')
    }
  })

  await t.test('and has what devices install it with', async (t) => {
    const api = await running({ page: folder })
    t.teardown(api.close)
    const get = (path: string) => ask(api.port, path, { authorization: null, headers: { 'accept-encoding': 'br' } })
    const page = await get('/')
    t.match(page.headers['content-security-policy'], "manifest-src 'self'")
    const manifest = await ask(api.port, '/manifest.webmanifest', { authorization: null })
    t.match(manifest.headers['content-type'], 'application/manifest+json')
    const { icons } = JSON.parse(manifest.text) as { icons: { src: string; type: string }[] }
    const files = ['apple-touch-icon.png', ...icons.map(({ src }) => src)]
    const answers = await Promise.all(files.map((name) => get(`/${name}`)))
    t.strictSame(
      answers.map(({ status, headers }) => [status, headers['content-type'], headers['content-encoding']]),
      files.map(() => [200, 'image/png', undefined]),
    )
    t.equal((await get('/icon-1024.png')).status, 401, 'no other file of this kind')
  })

  await t.test('and nothing else is, from wherever one tries', async (t) => {
    const api = await running({ page: folder })
    t.teardown(api.close)
    for (const path of ['/assets/none.js', '/assets/../index.html', '/assets/%2e%2e/%2e%2e/package.json', '/assets/']) {
      const answer = await ask(api.port, path, { authorization: null })
      t.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`)
      t.notMatch(answer.text, 'thermo2mqtt"')
    }
    for (const path of ['/api/v1/devices', '/api/v1/catalog', '/openapi.json', '/index.html'])
      t.equal((await ask(api.port, path, { authorization: null })).status, 401, path)
  })
})

t.test('a program built without it says so', async (t) => {
  const api = await running({ page: t.testdir() })
  t.teardown(api.close)
  const answer = await ask(api.port, '/', { authorization: null })
  t.equal(answer.status, 404)
  t.match(answer.text, 'npm run build')
})

t.test('it is looked for where the build puts it', async (t) => {
  t.match(whereBuilt('file:///opt/src/api/routes/bridge/page.ts'), /^\/opt\/dist\/web\/$/)
  t.match(whereBuilt('file:///opt/dist/api/routes/bridge/page.js'), /^\/opt\/dist\/web\/$/)
})

t.test('the catalog says all that the page draws controls from', async (t) => {
  const api = await running()
  t.teardown(api.close)
  const { json } = await ask(api.port, '/api/v1/catalog')
  const { models } = json as { models: { id: string; datapoints: { key: string; category: string }[] }[] }
  const ax = models.find(({ id }) => id === 'ax')
  const mode = ax?.datapoints.find(({ key }) => key === 'mode')
  t.match(mode, {
    name: 'Mode',
    type: 'enum',
    access: 'write',
    category: 'control',
    values: ['off', 'heat', 'cool', 'auto'],
  })
  t.match(
    ax?.datapoints.find(({ key }) => key === 'brightness'),
    { category: 'config', min: 0, max: 9, step: 1 },
  )
  t.match(
    ax?.datapoints.find(({ key }) => key === 'overheated'),
    { category: 'fault', access: 'read' },
  )
  t.match(
    ax?.datapoints.find(({ key }) => key === 'target_temperature'),
    { limits: 'control', unit: '°C' },
  )
})
