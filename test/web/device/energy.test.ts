/** The energy of a device as bars, with what it costs by the owner's price: what the page shows is what REST tells. */
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { NOTHING } from '../../../src/history/samples.ts'
import type { Tariff } from '../../../src/history/types.ts'
import type { Energy } from '../../../src/web/api/types.ts'
import { ask, BEARER, PASSWORD, running } from '../../api/support.ts'
import { rig, START, TARIFF } from '../../history/rig.ts'
import { eventually } from '../../support/e2e.ts'
import { EXAMPLE_SERIAL } from '../../support/fake-bridge.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, signIn, violations } from '../browser/scene.ts'

const HOUR = 3_600
const DAYS = 100
/** Where the browser is: there, days and nights are those that cost. */
const ZONE = 'Europe/Kyiv'

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
      const { recorder, devices, show } = rig(t, { tariff, open: lived })
      show({ energy: 1 })
      const api = await running({ page: await builtPage(), history: recorder, devices })
      t.teardown(api.close)
      const { page, complaints } = await visit(t, browser, `http://127.0.0.1:${api.port}/`, LOOK)
      await signIn(page, PASSWORD)
      await page.getByRole('heading', { name: 'House', level: 1 }).waitFor()
      await page.evaluate(`location.hash = '#/devices/${EXAMPLE_SERIAL}'`)
      const told = async (by: Energy['by'], last: number) => {
        const path = `/api/v1/energy?by=${by}&last=${last}&timezone=${ZONE}&serial=${EXAMPLE_SERIAL}`
        return (await ask(api.port, path, { headers: { authorization: BEARER } })).json as Energy
      }
      await isAsTold(t, page, tariff, told)
      t.strictSame(await violations(page), [])
      t.strictSame(complaints, [])
    })
  }
})

/** Different use in each hour of a hundred days, with two days of which nothing is known. */
const lived: NonNullable<NonNullable<Parameters<typeof rig>[1]>['open']> = (memory) => {
  let energy = 0
  const rows = Array.from({ length: DAYS * 24 }, (_, index) => {
    const power = ((index * 7) % 13) * 100
    energy += power / 1000
    const sample = { ...NOTHING, at: START - DAYS * 24 * HOUR + index * HOUR, known: HOUR, power, energy }
    return { serial: EXAMPLE_SERIAL, step: 3_600 as const, sample }
  }).filter((_, index) => index < 1_200 || index > 1_248)
  memory.write(rows)
  return memory
}

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

const cellsOf = (section: Locator): Promise<string[][]> =>
  section
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')))

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
