/** Web pages where the service's own JSON is expected: a provider's block, maintenance, the log-in page of a hotel. */
import t from 'tap'
import { SERVICES } from '../../../src/cloud/services/known.ts'
import { startCloud } from '../../support/simulator.ts'
import { bridge, HOUR, serve } from '../support.ts'

const PAGE = '<!DOCTYPE html><html><body><h1>Access denied</h1></body></html>'
const LIST = { path: '/api/device/' }

t.test('whatever its status, a page is no refusal of the password', async (t) => {
  for (const provider of Object.keys(SERVICES)) {
    // One after another: all their bridges at once have more files open than some systems allow.
    await t.test(provider, async (t) => {
      for (const status of [200, 400, 401, 403, 404, 405, 410, 422, 451, 503]) {
        const url = await serve(t, (request, response) => {
          request.resume()
          response.writeHead(status, { 'content-type': 'text/html' }).end(PAGE)
        })
        const { clouds } = bridge(t, url, { accounts: [{ provider, devices: LIST }] })
        const [view] = await clouds.sync()
        t.match(view, { state: 'unreachable', error: { code: 'CLOUD_UNREACHABLE' } }, `${provider} ${status}`)
        await clouds.stop()
      }
    })
  }
})

t.test('the page is named, and the password is tried again by itself', async (t) => {
  let blocked = true
  const cloud = await startCloud(t)
  const url = await serve(t, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    if (blocked) return response.writeHead(403, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE)
    const { method = 'GET', headers } = request
    const asked = await fetch(`${cloud.url}${request.url}`, {
      method,
      headers: {
        'content-type': headers['content-type'] ?? '',
        ...(headers.authorization === undefined ? {} : { authorization: headers.authorization }),
      },
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks).toString() } : {}),
    })
    return response.writeHead(asked.status, { 'content-type': 'application/json' }).end(await asked.text())
  })
  const { clouds, view, clock } = bridge(t, url, { accounts: [{ provider: 'terneo' }] })
  await clouds.sync()
  t.match(view().error, { message: /page instead of data \(403, text\/html\).*The password may be fine/ })
  blocked = false
  clouds.start()
  await clock.advance(HOUR)
  await clouds.sync()
  t.match(view(), { state: 'ready', error: null })
})
