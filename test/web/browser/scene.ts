/** A house, a bridge with its page, and somebody who signs in: what the tests in a browser begin with. */
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { livePast, PastClock } from '../../../src/commands/demo/past.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { seededRandom, VirtualBearer, type VirtualHouse } from '../../../src/simulator/index.ts'
import { openHistory } from '../../../src/store/tables/history.ts'
import { logBook } from '../../store/support.ts'
import {
  ADMIN,
  accountsOf,
  type Bridge,
  devicesOf,
  eventually,
  startBridge,
  startHouse,
  tempFolder,
} from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { builtPage, openBrowser, type Visit, visit } from './browser.ts'

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
}
export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 860 } }

/** What every flow is gone through with: `TEST_LOOK=phone` goes through all of them on a phone, in the dark. */
export const LOOK: BrowserContextOptions =
  process.env.TEST_LOOK === 'phone' ? { ...PHONE, colorScheme: 'dark' } : { ...DESKTOP, colorScheme: 'light' }

export interface Scene {
  readonly house: VirtualHouse
  readonly bridge: Bridge
  readonly clock: FastClock
  /** A cloud account that waits for a code. */
  readonly mailing: VirtualBearer
  readonly browser: Browser
  readonly url: string
}

/** Faster than real, but slow enough that a session lasts for a test. */
const FACTOR = 5

const MAILED = { user: 'me@example.com', password: 'password-of-the-cloud' }

interface Begun {
  /** Whether the house has lived a week before, which takes a moment. */
  readonly past?: boolean
  /** Beside those that every scene has. */
  readonly settings?: JsonObject
}

export async function openScene(t: Test, { past = false, settings = {} }: Begun = {}): Promise<Scene> {
  const clock = new FastClock(FACTOR, Date.now())
  const houseClock = new PastClock(clock)
  if (!past) houseClock.behind = 0
  const page = await builtPage()
  const house = await startHouse(t, {
    clock: houseClock,
    thermostats: [{ model: 'ax' }, { model: 'oz' }],
    relays: [{ model: 'ms' }],
  })
  const dataDir = await tempFolder(t)
  if (past) {
    const history = openHistory({ dataDir, clock, logger: logBook().logger })
    livePast(house, houseClock, history)
    history.close()
  }
  const mailing = new VirtualBearer({
    clock,
    random: seededRandom(7),
    accounts: [{ ...MAILED, has2fa: true, devices: [] }],
  })
  await mailing.start()
  t.teardown(() => mailing.stop())
  const waiting = {
    id: 'cottage',
    provider: 'bearer',
    url: mailing.url,
    username: MAILED.user,
    password: MAILED.password,
    devices: { path: '/api/v1/devices/', items: 'results' },
  }
  const bridge = await startBridge(t, {
    clock,
    page,
    dataDir,
    settings: {
      cloud: { accounts: [...accountsOf(house), waiting] },
      devices: [...devicesOf(house), ...house.relays.map(({ serial, host, port }) => ({ serial, host, port }))],
      device: { poll_interval: '2s', min_spacing: '200ms', timeout: '20s' },
      discovery: { enabled: true },
      ...settings,
    },
  })
  await bridge.online(...house.thermostats.map(({ serial }) => serial))
  await Promise.all(
    [...house.thermostats, ...house.relays].map(({ serial }) =>
      eventually(`the key of ${serial}`, async () => {
        const { online, health } = await bridge.device(serial)
        return online === true && JSON.stringify(health).includes('"key_source":"')
      }),
    ),
  )
  const { host, port } = bridge.addresses.api
  const browser = await openBrowser(t)
  return { house, bridge, clock, mailing, browser, url: `http://${host}:${port}/` }
}

export async function signIn(page: Page, password = ADMIN, user = 'admin'): Promise<void> {
  // Other parts of the page, still there while one signs out, ask for a password as well.
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await page.getByLabel('User name').fill(user)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** A browser with somebody signed in, at the house. */
export async function visitHouse(
  t: Test,
  scene: Scene,
  options: BrowserContextOptions = LOOK,
  { user = 'admin', password = ADMIN } = {},
): Promise<Visit> {
  const opened = await visit(t, scene.browser, scene.url, options)
  await signIn(opened.page, password, user)
  await opened.page.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  await opened.page.getByRole('article').first().waitFor()
  return opened
}

/** Goes to a place within the page. It is drawn then: the heading of the one before could be taken for its own. */
export const goTo = (page: Page, place: string): Promise<unknown> =>
  page.evaluate(`new Promise((drawn) => {
    const place = ${JSON.stringify(place)}
    if (location.hash === place) return drawn()
    // The page itself has listened for longer.
    addEventListener('hashchange', () => setTimeout(drawn), { once: true })
    location.hash = place
  })`)

/** Where the page is within itself. The browser tells of that later than what was pressed is done. */
export const placeOf = (page: Page): Promise<string> => page.evaluate('location.hash')

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe-core objects to, in a line each. The policy of the page lets no script in, so it comes in by the debugger. */
export async function violations(page: Page): Promise<string[]> {
  const { readFile } = await import('node:fs/promises')
  await page.evaluate(await readFile(AXE, 'utf8'))
  const found: unknown = await page.evaluate(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ' at ' + target.join(' ') + ': ' + failureSummary)))`)
  return Array.isArray(found) ? found.map(String) : ['axe-core gave no answer']
}
