/** The energy of a device as bars, with what it costs by the owner's price: what the page shows is what REST tells. */
import type { Browser, Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { NOTHING } from '../../../src/history/samples.ts'
import type { Tariff } from '../../../src/history/types.ts'
import type { Energy } from '../../../src/web/api/types.ts'
import { ask, BEARER, PASSWORD, running } from '../../api/support.ts'
import { rig, START, TARIFF } from '../../history/rig.ts'
import { eventually } from '../../support/e2e.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { goTo, LOOK, placeOf, signIn, violations } from '../browser/scene.ts'
import { Wire } from '../browser/wire.ts'

const HOUR = 3_600
const DAYS = 100
/** Where the bridge is: there, days and nights are those that cost, wherever the browser is. */
const ZONE = 'UTC'

/** Two prices, one for all hours, and none. */
const TARIFFS: readonly (readonly [string, Tariff])[] = [
  ['two prices by time of day', TARIFF],
  ['one price', { ...TARIFF, nightPrice: null, price: 4.32, currency: '€' }],
  ['no price', { ...TARIFF, nightPrice: null, price: null }],
]

t.test('the energy of a device', { skip: withoutBrowser() }, async (t) => {
  const browser = await openBrowser(t)
  for (const [name, tariff] of TARIFFS) {
    await t.test(name, async (t) => {
      const { page, complaints, told } = await open(t, browser, tariff)
      await isAsTold(t, page, tariff, told)
      t.strictSame(await violations(page), [])
      t.strictSame(complaints, [])
    })
  }
  await t.test('of two devices beside each other', (t) => besideEachOther(t, browser))
  await t.test('beside one that has none, or that is not there', (t) => besideNothing(t, browser))
  await t.test('after a failure, once the bridge is there again', (t) => afterFailure(t, browser))
})

/** As long as a name can be, with all that somebody might try. */
const KITCHEN = { serial: 'KITCHEN-0001', name: '<b onclick=alert(1)>Їжак 🦔 "&amp;" $x {name} кипит на Кухне' }
const HALL = { serial: 'HALL-0001', name: 'Hall' }

/** The page of a device in a house with others. */
async function open(t: Test, browser: Browser, tariff: Tariff, others: readonly (typeof HALL)[] = []) {
  const { recorder, devices, show } = rig(t, { tariff, open: lived })
  show({ energy: 1 })
  for (const other of others) devices.add(exampleView('ax', other))
  const api = await running({ page: await builtPage(), history: recorder, devices })
  t.teardown(api.close)
  const wire = await Wire.open(t, api.port)
  const { page, complaints } = await visit(t, browser, `http://127.0.0.1:${wire.port}/`, LOOK)
  await signIn(page, PASSWORD)
  await page.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  await goTo(page, `#/devices/${EXAMPLE_SERIAL}`)
  /** Without a serial, of the house. */
  const told = async (by: Energy['by'], last: number, serial = `&serial=${EXAMPLE_SERIAL}`) => {
    const path = `/api/v1/energy?by=${by}&last=${last}&timezone=${ZONE}${serial}`
    return (await ask(api.port, path, { headers: { authorization: BEARER } })).json as Energy
  }
  return { page, wire, complaints, told }
}

/** Different use in each hour of a hundred days, with two days of which nothing is known; the kitchen is younger. */
const lived: NonNullable<NonNullable<Parameters<typeof rig>[1]>['open']> = (memory) => {
  const usedBy = (serial: string, watts: (hour: number) => number) => {
    let energy = 0
    return Array.from({ length: DAYS * 24 }, (_, index) => {
      const power = watts(index)
      energy += power / 1000
      const sample = { ...NOTHING, at: START - DAYS * 24 * HOUR + index * HOUR, known: HOUR, power, energy }
      return { serial, step: 3_600 as const, sample }
    })
  }
  const own = usedBy(EXAMPLE_SERIAL, (hour) => ((hour * 7) % 13) * 100)
  const kitchen = usedBy(KITCHEN.serial, (hour) => ((hour * 5) % 11) * 170)
  memory.write([...own.filter((_, hour) => hour < 1_200 || hour > 1_248), ...kitchen.slice(1_900)])
  return memory
}

const shown = (value: number | null | undefined) => value?.toLocaleString('en-GB', { maximumFractionDigits: 2 })
const plain = (text: string) => text.replaceAll('\u00a0', ' ').trim()

const LAST = { day: 31, week: 13, month: 12 } as const
const amount = (value: number | null) =>
  value === null ? '–' : value.toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

async function isAsTold(
  t: Test,
  page: Page,
  { price, nightPrice, currency }: Tariff,
  told: (by: Energy['by'], last: number) => Promise<Energy>,
) {
  const section = page.getByRole('region', { name: 'Energy', exact: true })
  await section.getByText('As a table').click()
  for (const by of ['day', 'week', 'month'] as const) {
    await section.getByRole('button', { name: by, exact: true }).click()
    await section.getByRole('img', { name: new RegExp(`^Energy by ${by}: `) }).waitFor()
    const { parts, devices } = await told(by, LAST[by])
    t.equal(parts.length, LAST[by])
    const expected = parts.map(({ energy, cost }) => [amount(energy), ...(price === null ? [] : [amount(cost)])])
    t.strictSame(await cellsOf(section), expected, `${by}: each row`)
    await barsAreAsHigh(t, section, by, parts)
    await isScaled(t, section, by, parts)
    const [whole] = devices
    const text = (await section.getByText(/^Together: /).textContent())?.replaceAll('\u00a0', ' ') ?? ''
    const [, kWh = '', cost] = /^Together: ([\d.,]+) kWh(?: ([\d.,]+) \S+)?\s*$/.exec(text) ?? []
    t.equal(kWh, whole?.energy?.toLocaleString('en-GB', { maximumFractionDigits: 2 }), `${by}: ${text}`)
    t.equal(cost, price === null ? undefined : amount(whole?.cost ?? null), `${by}: ${text}`)
    if (price === null) continue
    t.ok(text.trim().endsWith(currency), text)
    // The price of a kWh is the owner's, or lies between the two.
    const each = Number(cost?.replaceAll(',', '')) / Number(kWh.replaceAll(',', ''))
    if (nightPrice === null) t.ok(Math.abs(each - price) < 0.01, `${each}`)
    else t.ok(each > nightPrice + 0.5 && each < price - 0.2, `${each}`)
  }
}

const regionOf = (page: Page): Locator => page.getByRole('region', { name: 'Energy', exact: true })

async function besideEachOther(t: Test, browser: Browser) {
  const { page, complaints, told } = await open(t, browser, TARIFF, [KITCHEN])
  const section = regionOf(page)
  await section.getByText('Compare with another device').click()
  await section.getByRole('searchbox', { name: 'Search a device' }).fill('їжак')
  await section.getByRole('button', { name: KITCHEN.name }).click()
  t.match(await placeOf(page), `/day/now/beside=${KITCHEN.serial}`)
  await section.getByText('As a table').click()
  for (const by of ['day', 'week', 'month'] as const) {
    await section.getByRole('button', { name: by, exact: true }).click()
    const own = await told(by, LAST[by])
    const kitchen = await told(by, LAST[by], `&serial=${KITCHEN.serial}`)
    const house = await told(by, LAST[by], '')
    await eventually(`${by}: both`, async () => (await section.locator('.bars rect').count()) === 2 * LAST[by])
    const rows = own.parts.map(({ energy, cost }, index) =>
      [energy, cost, kitchen.parts[index]?.energy ?? null, kitchen.parts[index]?.cost ?? null].map(amount),
    )
    await eventually(`${by}: each row`, async () => JSON.stringify(await cellsOf(section)) === JSON.stringify(rows))
    await barsAreAsHigh(t, section, by, [...own.parts, ...kitchen.parts])
    const sums = [own, kitchen].map(
      ({ devices: [all] }) => `${shown(all?.energy)} kWh ${amount(all?.cost ?? null)} UAH`,
    )
    t.strictSame((await section.locator('.sums b').allTextContents()).map(plain), sums, `${by}: each`)
    const whole = house.parts.reduce(
      (sum, { energy, cost }) => ({ energy: sum.energy + (energy ?? 0), cost: sum.cost + (cost ?? 0) }),
      { energy: 0, cost: 0 },
    )
    const together = plain((await section.getByText(/^Together: /).textContent()) ?? '')
    t.equal(together, `Together: ${shown(whole.energy)} kWh ${amount(whole.cost)} UAH`, `${by}: both are the house`)
  }
  t.strictSame(await section.locator('.sums .break').allTextContents(), ['Bathroom', KITCHEN.name])
  const heads = (await section.locator('thead th').allTextContents()).slice(1)
  const told4 = ['Bathroom', KITCHEN.name].flatMap((name) => [`${name}: Energy, kWh`, `${name}: Cost, UAH`])
  t.strictSame(heads, told4)
  await isReadable(t, page, section)

  await page.reload()
  await eventually('both again', async () => (await section.locator('.bars rect').count()) === 2 * LAST.day)
  await section.getByRole('button', { name: `Show without ${KITCHEN.name}` }).click()
  await eventually('alone', async () => (await section.locator('.bars rect').count()) === LAST.day)
  t.equal(await section.locator('.sums').count(), 0)
  t.notMatch(await placeOf(page), 'beside')
  t.strictSame(complaints, [])
}

/** On the smallest phone too, light and dark. */
async function isReadable(t: Test, page: Page, section: Locator) {
  await section.getByRole('button', { name: 'day', exact: true }).click()
  await eventually('days', async () => (await section.locator('.bars rect').count()) === 2 * LAST.day)
  await page.setViewportSize({ width: 360, height: 740 })
  t.ok(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, 'it fits')
  const places = await section.locator('.bars g').evaluateAll((devices) =>
    devices.map((device) =>
      [...device.children].map((bar) => {
        const { left, right } = bar.getBoundingClientRect()
        return { left, right }
      }),
    ),
  )
  const [own = [], other = []] = places
  const wrong = own.flatMap(({ left, right }, index) => {
    const [beside, next] = [other[index], own[index + 1]]
    const fine = beside && beside.left >= right - 0.1 && (!next || next.left > beside.right) && right - left >= 3
    return fine ? [] : [index]
  })
  t.strictSame(wrong, [], 'wide enough, and each beside its own')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    t.ok((await contrast(page)) >= 2.5, `${colorScheme}: told apart without their colours`)
    t.strictSame(await violations(page), [], colorScheme)
  }
}

/** How much brighter one of the two is than the other, as WCAG counts. */
async function contrast(page: Page): Promise<number> {
  const colours: unknown = await page.evaluate(
    `[...document.querySelectorAll('.bars g')].map((bars) => getComputedStyle(bars.firstElementChild).fill)`,
  )
  const [a = 0, b = 0] = (Array.isArray(colours) ? colours.map(String) : []).map((colour) => {
    const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
      const value = Number(part) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  })
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

async function besideNothing(t: Test, browser: Browser) {
  const { page, complaints } = await open(t, browser, TARIFF, [HALL])
  const section = regionOf(page)
  await section.getByText('Compare with another device').click()
  await section.getByRole('button', { name: HALL.name }).click()
  await section.getByText('Hall recorded no energy in this period.').waitFor()
  t.equal(await section.locator('.bars rect').count(), LAST.day, 'the first is shown')
  t.strictSame(await violations(page), [])
  await goTo(page, `#/devices/${EXAMPLE_SERIAL}/day/now/beside=GONE-1234`)
  await section.getByText('The second device is not known any more.').waitFor()
  t.equal(await section.locator('.bars rect').count(), LAST.day)
  await section.getByRole('button', { name: 'Show without GONE-1234' }).click()
  t.equal(await section.getByText('is not known any more').count(), 0)
  await goTo(page, `#/devices/${EXAMPLE_SERIAL}/day/now/beside=${EXAMPLE_SERIAL}`)
  await section.locator('.bars rect').first().waitFor()
  t.equal(await section.getByRole('button', { name: /^✕/ }).count(), 0, 'not beside itself')

  const held = Promise.withResolvers<void>()
  await page.route(/by=week/, async (route) => {
    await held.promise
    await route.continue()
  })
  await section.getByRole('button', { name: 'week', exact: true }).click()
  await section.getByRole('button', { name: 'month', exact: true }).click()
  await section.getByRole('img', { name: /^Energy by month: / }).waitFor()
  const late = page.waitForResponse(/by=week/)
  held.resolve()
  await (await late).finished()
  await page.evaluate('new Promise((resolve) => setTimeout(resolve))')
  t.equal(await section.getByRole('img', { name: /^Energy by month: / }).count(), 1, 'what was chosen last')
  t.strictSame(complaints, [])
}

async function afterFailure(t: Test, browser: Browser) {
  const { page, wire } = await open(t, browser, TARIFF)
  const section = regionOf(page)
  await section.locator('.bars rect').first().waitFor()
  await page.route(/by=week/, (route) => route.abort(), { times: 1 })
  await section.getByRole('button', { name: 'week', exact: true }).click()
  await section.getByText('The bridge can’t be reached from here.').waitFor()
  wire.cut()
  await page.getByText('The connection to the bridge is lost.').waitFor()
  wire.mend()
  await section.getByRole('img', { name: /^Energy by week: / }).waitFor()
  t.equal(await section.getByText('The bridge can’t be reached from here.').count(), 0)
}

const cellsOf = (section: Locator): Promise<string[][]> =>
  section
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')))

/** What the height of the bars stands for, and when the first and the last begin, can be seen without pointing at them. */
async function isScaled(t: Test, section: Locator, by: string, parts: Energy['parts']) {
  const most = Math.max(...parts.map(({ energy }) => energy ?? 0))
  t.equal(plain(await section.locator('.bars-most').innerText()), `${shown(most)} kWh`, `${by}: the highest`)
  const begins = await section.locator('tbody th').allTextContents()
  const ends = await section.locator('.bars-ends span').allTextContents()
  t.strictSame(ends, [begins.at(0), begins.at(-1)], `${by}: from when to when`)
}

async function barsAreAsHigh(t: Test, section: Locator, by: string, parts: Energy['parts']) {
  const bars = section.locator('svg.bars rect')
  await eventually('the bars are there', async () => (await bars.count()) === parts.length)
  const heights = await bars.evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().height))
  const most = Math.max(...heights)
  const mostUsed = Math.max(...parts.map(({ energy }) => energy ?? 0))
  const wrong = parts.flatMap(({ energy }, index) =>
    Math.abs((heights[index] ?? 0) / most - (energy ?? 0) / mostUsed) < 0.02 ? [] : [`${index}: ${heights[index]}`],
  )
  t.ok(most > 50, `${by}: seen`)
  t.strictSame(wrong, [], `${by}: as high as what was used`)
}
