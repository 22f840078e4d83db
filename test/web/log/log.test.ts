/** The log on the page: followed, searched, paused, taken along, and flooded. */
import { readFileSync } from 'node:fs'
import type { Page, Response } from 'playwright-core'
import t, { type Test } from 'tap'
import { createLogger, type RootLogger } from '../../../src/core/logging/logger.ts'
import { emptyLog, fakes, PASSWORD, type Running, running } from '../../api/support.ts'
import { eventually } from '../../support/e2e.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, signIn, violations } from '../browser/scene.ts'

interface Logged {
  readonly api: Running
  readonly logger: RootLogger
  readonly page: Page
}

t.test('the log on the page', { skip: withoutBrowser() }, async (t) => {
  const parts = fakes()
  const { clock, secrets, housekeeping } = parts
  const logger = createLogger({ level: 'info', secrets, write: (line) => log.lines.push(line) })
  const log = emptyLog({ logger, clock })
  const api = await running({ clock, secrets, logger, page: await builtPage(), housekeeping: { ...housekeeping, log } })
  t.teardown(api.close)
  const browser = await openBrowser(t)
  const options = { ...LOOK, permissions: ['clipboard-read', 'clipboard-write'] }
  const { page, complaints } = await visit(t, browser, `http://127.0.0.1:${api.port}/`, options)
  await signIn(page, PASSWORD)
  await page.getByRole('link', { name: 'System' }).click()
  await page.getByRole('link', { name: 'Open the log' }).click()
  await page.getByRole('heading', { name: 'Log', level: 1 }).waitFor()
  const scene = { api, logger, page }
  await t.test('new lines are shown as they come, by level and search', (t) => follows(t, scene))
  await t.test('hostile lines are text, and stay on the page', (t) => staysText(t, scene))
  await t.test('it is paused, copied and saved', (t) => takes(t, scene))
  await t.test('more is recorded for a while', (t) => records(t, scene))
  await t.test('a flood costs neither the bridge nor the page more than a bounded amount', (t) => isFlooded(t, scene))
  t.strictSame(complaints, [])
})

const lines = (page: Page) => page.locator('.log > li')
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search the log' })
const level = (page: Page) => page.getByLabel('Show')

async function follows(t: Test, { page, logger }: Logged) {
  logger.info({ serial: 'A1', room: 'Bathroom' }, 'one is there')
  await page.getByText('one is there').waitFor()
  logger.warn('two has gone')
  await page.getByText('two has gone').waitFor()
  t.match(await lines(page).first().textContent(), 'two has gone', 'the newest first')
  await level(page).selectOption('warn')
  await page.getByText('one is there').waitFor({ state: 'detached' })
  await level(page).selectOption('info')
  await search(page).fill('bathROOM')
  await page.getByText('two has gone').waitFor({ state: 'detached' })
  t.strictSame(await page.locator('mark').allTextContents(), ['Bathroom'])
  t.strictSame(await violations(page), [])
  await search(page).fill('<no such thing>')
  await page.getByText('No line matches.').waitFor()
  await search(page).fill('')
  await page.getByText('one is there').waitFor()
  await page.reload()
  await page.getByText('one is there').waitFor()
}

const MARKUP = '<img src=x onerror="document.body.remove()"><script>document.body.remove()</script>'

async function staysText(t: Test, { page, logger }: Logged) {
  logger.info({ name: MARKUP, escape: '\u001b[2J\u202egnol', long: 'x'.repeat(300) }, MARKUP)
  logger.error({ err: new Error('broken in many places') }, 'a stack')
  await page.getByText(MARKUP).first().waitFor()
  await page.getByText('␛[2J\\u202egnol').waitFor()
  t.equal(await page.locator('main img, main script').count(), 0)
  const stack = page.getByText(/log\.test\.ts/).first()
  t.equal(await stack.isVisible(), false, 'a long value waits to be opened')
  await page.getByText('err.stack').first().click()
  await stack.waitFor()
  const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
  t.ok(over <= 0, `nothing is wider than the window: ${over}`)
  t.strictSame(await violations(page), [])
}

async function takes(t: Test, { page, logger }: Logged) {
  const pause = page.getByRole('button', { name: 'Pause' })
  await pause.click()
  await page.getByText('Paused.').waitFor()
  const before = await lines(page).count()
  logger.info('while it is paused')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ])
  t.equal(file.suggestedFilename(), 'thermo2mqtt-log.txt')
  const text = readFileSync(await file.path(), 'utf8')
  t.match(text, /^20\S+ INFO {2}one is there serial=A1 room=Bathroom\n20\S+ WARN {2}two has gone\n/, 'the oldest first')
  t.notMatch(text, '\u001b')
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied.').waitFor()
  t.equal(await page.evaluate('navigator.clipboard.readText()'), text)
  // Over plain HTTP, as in most homes, the browser keeps its clipboard from pages.
  await page.evaluate(`navigator.clipboard.writeText('other')`)
  await page.evaluate(`Object.defineProperty(window, 'isSecureContext', { value: false })`)
  await page.getByRole('button', { name: 'Copy' }).click()
  await eventually('it is copied', async () => (await page.evaluate('navigator.clipboard.readText()')) === text)
  await page.evaluate('document.execCommand = () => false')
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByText('The browser did not let the page copy this.').waitFor()
  t.equal(await lines(page).count(), before)
  await pause.click()
  await page.getByText('while it is paused').waitFor()
}

async function records(t: Test, { page, logger, api }: Logged) {
  logger.debug('not recorded')
  await level(page).selectOption('debug')
  await page.getByText('Recorded now: Information and above.').waitFor()
  await page.getByRole('button', { name: 'Record it for 15 minutes' }).click()
  await page.getByText(/^Recorded until .*: Details and above\.$/).waitFor()
  logger.debug('recorded')
  await page.getByText('recorded', { exact: true }).waitFor()
  t.strictSame(await violations(page), [])
  t.equal(await page.getByText('not recorded').count(), 0)
  await page.getByRole('button', { name: 'Back to the settings' }).click()
  await page.getByText('Recorded now').waitFor()
  t.equal(logger.level, 'info')
  const entry = api.access.audit.page(2, null).map(({ action, details }) => [action, details])
  t.strictSame(entry, [
    ['recordLogAsUsual', null],
    ['recordLog', '{"level":"debug","minutes":15}'],
  ])
  await level(page).selectOption('info')
}

/** Lines a second of a bridge that logs everything in a large house; the test logs them as fast as it can. */
const FLOOD = 30_000

async function isFlooded(t: Test, { page, logger }: Logged) {
  for (let n = 1; n <= FLOOD; n++) logger.info({ n }, 'a line of a flood')
  logger.info('the last of the flood')
  await page.getByText('the last of the flood').waitFor()
  t.ok((await lines(page).count()) <= 1000)
  await page
    .getByText(/^Lines left out here: /)
    .first()
    .waitFor()
  const answers: Promise<number>[] = []
  const measure = (response: Response) => {
    if (response.url().includes('/log/lines')) answers.push(response.body().then(({ length }) => length))
  }
  page.on('response', measure)
  for (let second = 0; second < 3; second++) {
    for (let n = 1; n <= FLOOD / 10; n++) logger.info({ n, second }, 'more of a flood')
    logger.info(`mark ${second}`)
    await page.getByText(`mark ${second}`).waitFor()
  }
  await eventually('answers were measured', () => answers.length >= 3)
  // None is left that would be read when the page is gone.
  page.off('response', measure)
  const most = Math.max(...(await Promise.all(answers)))
  t.ok(most < 100_000, `${most} bytes at once`)
  t.ok((await lines(page).count()) <= 1000)
}
