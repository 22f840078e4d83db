/** The page in the language of whoever reads it, and no other. */
import { basename } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import t, { type Test } from 'tap'
import { running } from '../../api/support.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK } from '../browser/scene.ts'

/** Keeps what was in force and seen at each change of the page. */
const WATCH = `
  seen = []
  new MutationObserver(() => {
    const text = document.getElementById('page')?.textContent
    if (text) seen.push(document.documentElement.lang + ': ' + text)
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
`

t.test('languages', { skip: withoutBrowser() }, async (t) => {
  const api = await running({ page: await builtPage() })
  t.teardown(api.close)
  const browser = await openBrowser(t)
  const url = `http://127.0.0.1:${api.port}/`
  await t.test('only the one in use is loaded, and no other flashes up', (t) => loadsOne(t, browser, url))
  await t.test('the one chosen is remembered; one that can’t be loaded leaves the page as it is', (t) =>
    changes(t, browser, url),
  )
  await t.test('without any, the page says that it did not load', (t) => saysNothingElse(t, browser, url))
})

/** The page in a new window, and which files of texts it has asked for. */
async function open(t: Test, browser: Browser, url: string, options: BrowserContextOptions) {
  const seen = await visit(t, browser, 'about:blank', { ...LOOK, ...options })
  const asked: string[] = []
  seen.page.on('request', (request) => {
    const [, language] = /^([a-z]{2})-[^.]*\.js$/.exec(basename(request.url())) ?? []
    if (language !== undefined) asked.push(language)
  })
  await seen.page.addInitScript(WATCH)
  await seen.page.goto(url)
  return { ...seen, asked }
}

async function loadsOne(t: Test, browser: Browser, url: string) {
  for (const [locale, language, word] of [
    ['uk-UA', 'uk', 'Увійти'],
    ['en-US', 'en', 'Sign in'],
    ['fi-FI', 'en', 'Sign in'],
  ] as const) {
    const { page, asked } = await open(t, browser, url, { locale })
    await page.getByRole('button', { name: word, exact: true }).waitFor()
    t.strictSame(asked, [language], locale)
    const seen = await page.evaluate<string[]>('seen')
    t.ok(seen.length > 0)
    t.strictSame(
      seen.filter((text) => !text.startsWith(`${language}: `)),
      [],
      'never under the name of another language',
    )
    if (language !== 'en') t.notMatch(seen.join('\n'), /Loading|Sign in|Password/, 'no word in another language')
  }
}

async function changes(t: Test, browser: Browser, url: string) {
  const { page, asked } = await open(t, browser, url, { locale: 'en-GB' })
  const choice = page.locator('select').first()
  await choice.selectOption('uk')
  await page.getByRole('button', { name: 'Увійти', exact: true }).waitFor()
  t.equal(await page.locator('html').getAttribute('lang'), 'uk')
  await page.reload()
  await page.getByRole('button', { name: 'Увійти', exact: true }).waitFor()
  t.strictSame(asked, ['en', 'uk', 'uk'], 'English is not loaded again')

  await page.route('**/assets/ru-*.js', (route) => route.abort())
  await choice.selectOption('ru')
  await page.getByRole('alert').getByText('Не вдалося завантажити цю мову').waitFor()
  t.equal(await choice.inputValue(), 'uk')
  t.equal(await page.locator('html').getAttribute('lang'), 'uk')
  await page.reload()
  await page.getByRole('button', { name: 'Увійти', exact: true }).waitFor()
}

async function saysNothingElse(t: Test, browser: Browser, url: string) {
  const { page } = await open(t, browser, 'about:blank', { locale: 'en-GB' })
  await page.route('**/assets/en-*.js', (route) => route.abort())
  await page.goto(url)
  await page.getByText('The page did not load completely. Please reload it.').waitFor()
}
