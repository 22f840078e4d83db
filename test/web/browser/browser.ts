/** A real browser for tests of the page, where the machine has one. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
  type Route,
} from 'playwright-core'
import { build } from 'vite'
import { eventually, PATIENCE } from '../../support/eventually.ts'
import type { Teardown } from '../../support/simulator.ts'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * What Chromium leaves out. The first three are processes that it starts for each window and that took more of the processor than
 * the page: lists of the address bar, which nobody sees here, and a process in store. The others are those of Playwright's own
 * list that can matter to a page on this machine; its list is not in force beside ours.
 */
const WITHOUT = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'SpareRendererForSitePerProcess',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
]

const ARGS = [
  `--disable-features=${WITHOUT.join(',')}`,
  '--lang=en-GB',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const browserPath = (): string | undefined => PATHS.find((path) => existsSync(path))

/** For `skip` of a test: says what is left out and why, or false. */
export const withoutBrowser = (): string | false =>
  browserPath() === undefined && 'the page is not tried in a browser: Chromium is not installed (apt install chromium)'

const root = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** By process. */
const builds: { page?: Promise<string> } = {}

/** The folder of the page as it is served. Building takes seconds of a processor, so all processes of one run share it. */
export function builtPage(): Promise<string> {
  builds.page ??= process.env.TAP_CHILD_ID === undefined ? ownPage() : sharedPage(runFolder())
  return builds.page
}

/** Gone when the process ends. */
async function ownPage(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'thermo2mqtt-page-'))
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }))
  await buildPage(outDir)
  return outDir
}

const buildPage = (outDir: string) => build({ configFile: root('src/web/vite.config.ts'), build: { outDir } })

/** Where proc_pid_stat(5) has the start of a process, counted after its name. */
const SINCE = 19

/** Pages of runs; those of ended runs are removed by the next one. */
const PAGES = root('node_modules/.cache/tests-page')

/** This run's: the process that has started all others, and since when it runs, as numbers of processes are used again. */
function runFolder(): string {
  const about = `/proc/${process.ppid}/stat`
  const since = existsSync(about) ? readFileSync(about, 'utf8').split(') ').at(-1)?.split(' ')[SINCE] : ''
  return join(PAGES, `${process.ppid}-${since}`)
}

/** Built by the first process that wants it, while the others wait. */
async function sharedPage(folder: string): Promise<string> {
  mkdirSync(PAGES, { recursive: true })
  const page = join(folder, 'page')
  if (!claims(folder)) {
    await eventually('another process has built the page', () => existsSync(page))
    return page
  }
  for (const other of readdirSync(PAGES)) {
    if (!isRunning(Number.parseInt(other, 10))) rmSync(join(PAGES, other), { recursive: true, force: true })
  }
  const building = join(folder, 'building')
  await buildPage(building)
  // Only a whole one has this name.
  renameSync(building, page)
  return page
}

/** Whether this process is the first to make the folder. */
function claims(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Addresses that were asked for outside of the page's own origin, and what the browser complained about. */
  readonly complaints: string[]
}

/** Starting one takes seconds of a processor, so a test file has one and opens windows in it; gone when the test ends. */
export async function openBrowser(t: Teardown): Promise<Browser> {
  const executablePath = browserPath()
  if (executablePath === undefined) throw new Error('There is no browser; look at withoutBrowser() first.')
  const browser = await chromium.launch({ executablePath, args: ARGS, headless: true })
  t.teardown(() => browser.close())
  return browser
}

/** A new window at the page, which shares nothing with the others; gone when the test ends. */
export async function visit(
  t: Teardown,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Kyiv',
    reducedMotion: 'reduce',
    ...options,
  })
  t.teardown(async () => {
    // An answer that a test alters may be under way: without its page it can't be.
    await Promise.all(context.pages().map((page) => page.unrouteAll({ behavior: 'ignoreErrors' })))
    await context.close()
  })
  const complaints: string[] = []
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // That something is refused, such as a wrong password, is shown by the browser as an error as well.
    const refused = message.text().startsWith('Failed to load resource: the server responded')
    if (message.type() === 'error' && !refused) complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(`asked ${request.url()}`)
  })
  await page.goto(url)
  return { page, context, complaints }
}

/** Does what changes a device, and holds the change back until the page has shown that it waits: else that may be over too soon. */
export async function shownAsWaiting(page: Page, place: Locator, change: () => Promise<void>): Promise<void> {
  const shown = Promise.withResolvers<void>()
  const hold = async (route: Route) => {
    await shown.promise
    await route.continue()
  }
  await page.route('**/api/v1/devices/*/state', hold, { times: 1 })
  await change()
  await place.getByText('waiting for the device').waitFor({ state: 'attached' })
  shown.resolve()
}
