/** The page as a program on somebody's phone or desktop, by the judgement of Chromium itself. */
import { type CDPSession, chromium } from 'playwright-core'
import t from 'tap'
import { running } from '../../api/support.ts'
import { tempFolder } from '../../support/e2e.ts'
import { browserPath, builtPage, withoutBrowser } from '../browser/browser.ts'

/** What Chromium says of the page at an address: it takes a browser with a profile, because a private window installs nothing. */
async function judged(hand: CDPSession) {
  const { url, errors, data } = await hand.send('Page.getAppManifest')
  const { installabilityErrors } = await hand.send('Page.getInstallabilityErrors')
  return { url, errors, manifest: JSON.parse(data ?? '{}'), installabilityErrors }
}

t.test('it can be installed, wherever it is served', { skip: withoutBrowser() }, async (t) => {
  const api = await running({ page: await builtPage(), basePath: '/heat' })
  t.teardown(api.close)
  const executablePath = browserPath() ?? ''
  const context = await chromium.launchPersistentContext(await tempFolder(t), {
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    headless: true,
  })
  t.teardown(() => context.close())
  const page = await context.newPage()
  const hand = await context.newCDPSession(page)
  for (const path of ['/', '/heat/']) {
    const origin = `http://127.0.0.1:${api.port}`
    await page.goto(origin + path)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    const { url, errors, manifest, installabilityErrors } = await judged(hand)
    t.equal(url, `${origin}${path}manifest.webmanifest`)
    t.strictSame(errors, [], path)
    t.strictSame(installabilityErrors, [], path)
    t.match(manifest, { start_url: './', scope: './', display: 'standalone' })
    t.notOk('id' in manifest, 'two bridges below one origin are two programs')
  }
  const manifest = JSON.stringify({ name: 'x', start_url: './', display: 'browser' })
  await page.route('**/manifest.webmanifest', (route) =>
    route.fulfill({ body: manifest, contentType: 'application/manifest+json' }),
  )
  await page.reload()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  const { installabilityErrors } = await judged(hand)
  t.ok(installabilityErrors.length > 0, 'another one could not')
})

t.test('the bars around it have its colours', { skip: withoutBrowser() }, async (t) => {
  const api = await running({ page: await builtPage() })
  t.teardown(api.close)
  const browser = await chromium.launch({ executablePath: browserPath() ?? '', args: ['--no-sandbox'], headless: true })
  t.teardown(() => browser.close())
  const page = await browser.newPage({ colorScheme: 'dark', locale: 'en-GB' })
  await page.goto(`http://127.0.0.1:${api.port}/`)
  /** Of the first one that applies, as browsers take it, and of the page's own panels. */
  const colours = () =>
    page.evaluate<[string, string]>(`(() => {
      const bar = [...document.querySelectorAll('meta[name=theme-color]')].find(({ media }) => matchMedia(media).matches)
      const probe = document.body.appendChild(document.createElement('div'))
      probe.style.cssText = ''
      const of = (colour) => { probe.style.color = colour; return getComputedStyle(probe).color }
      const both = [of(bar.content), of('var(--panel)')]
      probe.remove()
      return both
    })()`)
  const seen: string[] = []
  for (const look of ['auto', 'light', 'dark']) {
    await page.getByLabel('Appearance').selectOption(look)
    const [bar, panel] = await colours()
    t.equal(bar, panel, look)
    seen.push(bar)
  }
  t.equal(seen[0], seen[2], 'the system is dark')
  t.not(seen[1], seen[2])
})
