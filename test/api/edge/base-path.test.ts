/** Page and API below a path of their origin. */
import t from 'tap'
import { ask, BASIC, codeOf, running } from '../support.ts'

const open = { authorization: null }

t.test('with the path and without it, whatever the proxy does', async (t) => {
  const api = await running({ basePath: '/house/heat', page: t.testdir({ 'index.html': '<p>the page</p>' }) })
  t.teardown(api.close)
  for (const base of ['', '/house/heat']) {
    t.match(await ask(api.port, `${base}/`, open), { status: 200, text: 'the page' }, base)
    t.match(await ask(api.port, `${base}/healthz?now=1`, open), { status: 200, json: { status: 'ok' } })
    t.match(await ask(api.port, `${base}/api/v1/devices`), { status: 200, json: { devices: [] } })
    t.equal((await ask(api.port, `${base}/api/v1/devices`, open)).status, 401, 'nothing is open that was not')
    t.equal((await ask(api.port, `${base}/docs/`, { authorization: BASIC })).status, 200)
    t.equal((await ask(api.port, `${base}/api/v1/devices`, { method: 'PUT' })).status, 405)
  }
  for (const path of ['/house/heating/healthz', '/house/healthz', '/house/heat/house/heat/healthz', '/house', '/heat/'])
    t.match(codeOf(await ask(api.port, path)), 'BAD_REQUEST', path)
})

t.test('without the slash at its end it leads on, relative to what the browser sees', async (t) => {
  const api = await running({ basePath: '/house/heat' })
  t.teardown(api.close)
  const location = async (path: string) => {
    const { status, headers } = await ask(api.port, path, { authorization: path.includes('docs') ? BASIC : null })
    return `${status} ${headers.location}`
  }
  t.equal(await location('/house/heat'), '302 heat/')
  t.equal(await location('/house/heat?theme=dark'), '302 heat/')
  t.equal(await location('/house/heat/docs'), '302 docs/')
  t.equal(await location('/docs'), '302 docs/')
  t.equal(await location('/house/heat/docs/static/index.html'), '302 ../')
  t.equal((await ask(api.port, '/docs', open)).status, 401, 'whoever may see it')
  t.equal((await ask(api.port, '/house/heat', { method: 'POST', ...open })).headers.location, undefined)
})

t.test('the OpenAPI document names the place where it was read', async (t) => {
  const servers = async (basePath?: string) => {
    const api = await running(basePath === undefined ? {} : { basePath })
    t.teardown(api.close)
    const documents = [await ask(api.port, '/openapi.json'), await ask(api.port, '/docs/json')]
    return documents.map(({ json }) => Object(json).servers)
  }
  t.same(await servers(), [[{ url: '/' }], [{ url: '/' }]])
  t.same(await servers('/house/heat'), [[{ url: '/house/heat' }], [{ url: '/house/heat' }]])
})
