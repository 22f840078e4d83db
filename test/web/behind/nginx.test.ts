/** The page and the API behind a real proxy, below a path, with TLS. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import t from 'tap'
import { accountsOf, type Bridge, devicesOf, startBridge, startHouse } from '../../support/e2e.ts'
import { startNginx, withoutNginx } from '../../support/nginx.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, signIn } from '../browser/scene.ts'

/** One location passes the path on, one takes it off, one belongs to something else. */
const locations = ({ addresses: { api } }: Bridge) => `
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    location /heat { proxy_pass http://127.0.0.1:${api.port}; }
    location /house/cellar/ { proxy_pass http://127.0.0.1:${api.port}/; }
    location / { return 404; }
`

/** Signs in, sees what happens in the house as it happens, changes something, takes a file along. */
async function useThePage(page: Page, bridge: Bridge, serial: string): Promise<void> {
  await signIn(page)
  await page.getByRole('article').first().waitFor()
  const answer = await bridge.patch(serial, { mode: 'heat', target_temperature: 27 })
  if (answer.status !== 200) throw new Error(answer.text)
  await page.getByRole('article').getByText('27').first().waitFor()
  await page.reload()
  await page.getByRole('article').first().waitFor()
  await page.getByRole('link', { name: 'System' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the file' }).click(),
  ])
  const text = readFileSync(await file.path(), 'utf8')
  if (!text.includes(serial)) throw new Error(text)
}

t.test(
  'behind nginx with TLS, below a path that it passes on or takes off',
  { skip: withoutNginx() || withoutBrowser() },
  async (t) => {
    const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
    const bridge = await startBridge(t, {
      page: await builtPage(),
      settings: {
        cloud: { accounts: accountsOf(house) },
        devices: devicesOf(house),
        api: { base_path: '/heat', trust_proxy: '127.0.0.1' },
      },
    })
    const serial = house.thermostats[0]?.serial ?? ''
    await bridge.online(serial)
    const origin = await startNginx(t, locations(bridge))
    const browser = await openBrowser(t)
    for (const [address, base] of [
      ['/heat', '/heat/'],
      ['/house/cellar/', '/house/cellar/'],
    ] as const) {
      const options = { ...LOOK, ignoreHTTPSErrors: true, acceptDownloads: true }
      const { page, context, complaints } = await visit(t, browser, 'about:blank', options)
      const outside: string[] = []
      context.on('request', (request) => {
        const { pathname, protocol } = new URL(request.url())
        if (protocol !== 'blob:' && !pathname.startsWith(base) && pathname !== address) outside.push(request.url())
      })
      complaints.length = 0
      await page.goto(origin + address)
      t.equal(page.url(), origin + base, 'the slash at the end is added')
      await useThePage(page, bridge, serial)
      const docs = page.getByRole('link', { name: 'Documentation of the REST API' })
      t.equal(await docs.evaluate((link) => Reflect.get(link, 'href')), `${origin}${base}docs/`)
      t.same(outside, [], 'nothing is asked for elsewhere')
      t.same(
        complaints.filter((line) => !line.startsWith('asked ')),
        [],
      )
      t.same(await context.cookies(), [], 'no cookies')
      await context.close()
    }
  },
)
