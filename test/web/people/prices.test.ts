/** Prices of energy that are none, and a currency that would be markup, on the page in a real browser. */
import t from 'tap'
import { visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, openScene, signIn, violations, visitHouse } from '../browser/scene.ts'
import { startEmpty } from './empty.ts'

const MINE = 'vier bunte Gurken'
/** As long as a currency may be. */
const MARKUP = '<b>x</b>'

t.test(
  'what is no price is refused, stays to be corrected, and is not in force',
  { skip: withoutBrowser() },
  async (t) => {
    const { browser, url } = await startEmpty(t, { T2M_API_ADMIN_PASSWORD: MINE })
    const { page, complaints } = await visit(t, browser, `${url}#/settings`, LOOK)
    await signIn(page, MINE)
    const group = page.getByRole('group').filter({ has: page.getByRole('heading', { name: 'Energy costs' }) })
    await group.getByRole('heading', { name: 'Energy costs' }).click()
    const save = group.getByRole('button', { name: 'Save', exact: true })
    const wrong: Readonly<Record<string, readonly [words: RegExp, values: readonly string[]]>> = {
      'Price of a kWh': [/is not a price/, ['<script>document.title=1</script>', '⚡️💶', 'x'.repeat(300), '-1', 'NaN']],
      'Price of a kWh at night': [/is not a price/, ['1000001', '1e3', 'Infinity']],
      Currency: [
        /is longer than 8 characters/,
        ['<img src=x onerror=document.title=1>', '💶💶💶💶💶', 'x'.repeat(300)],
      ],
    }
    for (const [label, [words, values]] of Object.entries(wrong)) {
      const field = group.getByLabel(label, { exact: true })
      for (const value of values) {
        await field.fill(value)
        await group.getByRole('alert').waitFor({ state: 'detached' })
        await save.click()
        await group.getByRole('alert').getByText(words).waitFor()
        t.equal(await field.inputValue(), value, 'what was typed is still there')
      }
      await group.getByRole('button', { name: 'Undo' }).click()
    }
    t.strictSame(await violations(page), [])
    await page.reload()
    await group.getByRole('heading', { name: 'Energy costs' }).click()
    t.strictSame(
      await Promise.all(Object.keys(wrong).map((label) => group.getByLabel(label, { exact: true }).inputValue())),
      ['', '', 'UAH'],
    )
    t.notOk(await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
    t.strictSame(
      complaints.filter((text) => !/status of 400/.test(text)),
      [],
    )
  },
)

t.test('a currency is text wherever costs are shown', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t, { past: true, settings: { energy: { price: 4.32, currency: MARKUP } } })
  const { page, complaints } = await visitHouse(t, scene)
  await page.getByText(MARKUP).first().waitFor()
  await page.getByRole('article').getByRole('link').first().click()
  const energy = page.getByRole('region', { name: 'Energy', exact: true })
  await energy.getByText(/^Together: .* kWh .*<b>x<\/b>$/).waitFor()
  t.equal(await page.locator('b').filter({ hasText: /^x$/ }).count(), 0)
  t.strictSame(complaints, [])
})
