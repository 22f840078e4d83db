/** The daily backup on the page, in a real browser: its passphrase is given once, and its age is shown. */
import t from 'tap'
import { fakes, PASSWORD, running } from '../../api/support.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, signIn, violations } from '../browser/scene.ts'
import { startEmpty } from './empty.ts'

const PASSPHRASE = 'four words that nobody guesses'
const MINE = 'vier bunte Gurken'
const HOUR = 3_600_000

t.test(
  'the state says how old the last daily backup is, and that one failed',
  { skip: withoutBrowser() },
  async (t) => {
    const parts = fakes()
    const backup = { enabled: false, last: null as string | null, failing: false }
    const system = () => ({ ...parts.system(), backup: { ...backup } })
    const api = await running({ page: await builtPage(), system })
    t.teardown(api.close)
    const { page, complaints } = await visit(t, await openBrowser(t), `http://127.0.0.1:${api.port}/#/system`, LOOK)
    await signIn(page, PASSWORD)
    const state = page.getByRole('region', { name: 'State' })
    await state.getByText('not set').waitFor()
    const settings = state.getByRole('link', { name: 'All settings' })
    t.equal(await settings.getAttribute('href'), '#/settings', 'who looks for it is led there')
    backup.enabled = true
    await settings.waitFor({ state: 'detached' })
    await state.getByText('None has been made yet.').waitFor()
    backup.last = new Date(Date.now() - 5 * HOUR - 60_000).toISOString()
    await state.getByText(/^The last one was made 5 h \d+ min ago\.$/).waitFor()
    t.equal(await state.getByText('The last try failed').count(), 0)
    Object.assign(backup, { last: new Date(Date.now() - 50 * HOUR).toISOString(), failing: true })
    await state.getByText(/^The last one was made 2 d 2 h ago\./).waitFor()
    await state.getByText('The last try failed; the log says why.').waitFor()
    t.strictSame(await violations(page), [])
    t.strictSame(complaints, [])
  },
)

t.test('the passphrase is given once, and never shown', { skip: withoutBrowser() }, async (t) => {
  const { browser, url } = await startEmpty(t, { T2M_API_ADMIN_PASSWORD: MINE })
  const { page, complaints } = await visit(t, browser, `${url}#/settings`, LOOK)
  await signIn(page, MINE)
  const group = page
    .getByRole('group')
    .filter({ has: page.getByRole('heading', { name: 'Daily backup', exact: true }) })
  await group.getByRole('heading', { name: 'Daily backup' }).click()
  const passphrase = group.getByLabel('Passphrase of the daily backups', { exact: true })
  const save = () => group.getByRole('button', { name: 'Save', exact: true }).click()
  await passphrase.fill('too short')
  await save()
  await group.getByRole('alert').getByText('is shorter than 12 characters').waitFor()
  await passphrase.fill(PASSPHRASE)
  await group.getByLabel('How many are kept', { exact: true }).fill('3')
  await save()
  await page.getByText('Saved and in effect.').waitFor()
  await page.reload()
  await group.getByRole('heading', { name: 'Daily backup' }).click()
  t.equal(await passphrase.inputValue(), '')
  t.equal(await group.getByLabel('How many are kept', { exact: true }).inputValue(), '3')
  t.notMatch(await page.content(), PASSPHRASE)
  await page.goto(`${url}#/system`)
  await page.getByRole('region', { name: 'State' }).getByText('None has been made yet.').waitFor()
  t.strictSame(
    complaints.filter((text) => !/net::ERR_/.test(text)),
    [],
  )
})
