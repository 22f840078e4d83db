/** Every part of the page on a phone and on a desktop, light and dark, in every language: accessible, and nothing too wide. */
import { readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { eventually, unit } from '../../support/e2e.ts'
import { withoutBrowser } from './browser.ts'
import { DESKTOP, goTo, openScene, PHONE, type Scene, violations, visitHouse } from './scene.ts'

/** Set, the pictures of the README are made anew. */
const PICTURES = process.env.TEST_PICTURES
const FOLDER = fileURLToPath(new URL('../../../src/web/pictures/', import.meta.url))

const LOOKS: readonly [name: string, options: BrowserContextOptions, language: string][] = [
  ['phone, light', { ...PHONE, colorScheme: 'light' }, 'uk'],
  ['phone, dark', { ...PHONE, colorScheme: 'dark' }, 'ru'],
  ['phone, Polish', { ...PHONE, colorScheme: 'light' }, 'pl'],
  ['phone, German', { ...PHONE, colorScheme: 'light' }, 'de'],
  ['desktop, light', { ...DESKTOP, colorScheme: 'light' }, 'en'],
  ['desktop, dark', { ...DESKTOP, colorScheme: 'dark' }, 'en'],
]

/** Every part of the page besides the house and its devices, which have pictures. */
const PLACES = [
  'system',
  'accounts',
  'settings',
  'log',
  'setup/account',
  'setup/devices',
  'setup/broker',
  'setup/ready',
].map((route) => ({ route: `#/${route}`, part: route.split('/')[0] }))

t.test('no part of the page is left out', async (t) => {
  const source = readFileSync(new URL('../../../src/web/view/app.tsx', import.meta.url), 'utf8')
  const parts = [...source.matchAll(/if \(part === '(\w+)'\) return/g)].map(([, part]) => part)
  t.ok(parts.length > 5)
  t.strictSame(
    parts.filter((part) => part !== 'devices' && !PLACES.some((place) => place.part === part)),
    [],
  )
})

t.test('sizes, themes and languages', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t, { past: true })
  for (const [name, options, language] of LOOKS)
    await t.test(name, (t) => looksRight(t, scene, name, options, language))
})

/** The modes of cards whose buttons do not all fit into a line. */
const BROKEN = `[...document.querySelectorAll('.card .modes')].flatMap((modes) => {
  const tops = new Set([...modes.querySelectorAll('button')].map((button) => Math.round(button.getBoundingClientRect().top)))
  return tops.size > 1 ? [modes.textContent] : []
})`

async function looksRight(t: Test, scene: Scene, name: string, options: BrowserContextOptions, language: string) {
  // Where the house is: elsewhere the page says whose times it shows, and so would the pictures.
  const { page, complaints } = await visitHouse(t, scene, { ...options, timezoneId: 'UTC' })
  // Of all that a device can show, this one shows most.
  const oz = unit(scene.house, 1)
  const place = async (route: string) => {
    await goTo(page, route)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await settled(page)
    t.strictSame(await violations(page), [], `${name}, ${route}: accessible`)
    const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    t.ok(typeof wide === 'number' && wide <= 0, `${name}, ${route}: fits`)
    await eventually(`${name}, ${route}: the title says where one is`, async () => {
      const heading = await page.getByRole('heading', { level: 1 }).textContent()
      return heading && (await page.title()).startsWith(heading)
    })
  }
  await place('#/system')
  await page.locator('header + * + main select').first().selectOption(language)
  await page.locator(`html[lang="${language}"]`).waitFor({ state: 'attached' })
  for (const { route } of PLACES) await place(route)
  await place(`#/devices/${oz.serial}`)
  if (name === 'desktop, dark') await picture(t, page, 'device.png')
  await place('#/')
  t.strictSame(await page.evaluate(BROKEN), [], `${name}: the modes of a card stand in one line`)
  if (name === 'desktop, light') await picture(t, page, 'house.png')
  if (name === 'phone, dark') await picture(t, page, 'phone.png')
  t.strictSame(complaints, [])
}

async function settled(page: Page): Promise<void> {
  await eventually('the data is there', async () => ((await page.locator('main').textContent()) ?? '').length > 100)
}

/**
 * Makes a picture anew, with a list of what stands on it; or says that a picture is out of date, by that list: the picture itself
 * also has the time and how warm it is. Only where everything is tried at once, as somebody may be changing the page.
 */
async function picture(t: Test, page: Page, name: string): Promise<void> {
  const list = `${FOLDER}${name.replace('.png', '.txt')}`
  const headings = async () => {
    // Those below tell, among others, which day it is.
    const texts = await page.locator('main :is(h1, h2)').allTextContents()
    return texts.map((text) => `${text.trim()}\n`).join('')
  }
  if (PICTURES) {
    await mkdir(FOLDER, { recursive: true })
    await page.screenshot({ path: `${FOLDER}${name}`, scale: 'css' })
    await writeFile(list, await headings())
  } else if (process.env.CI) {
    const shown = await readFile(list, 'utf8')
    await eventually(
      `${name} shows the page as it is; TEST_PICTURES=1 makes it anew`,
      async () => shown === (await headings()),
    )
    t.pass(name)
  }
}
