/** The graph of a device in a real browser. */
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import { eventually, unit } from '../../support/e2e.ts'
import { type Scene, visitHouse } from './scene.ts'

/** How many pixels of the graph, its axes aside, have the colour of this line. @param part of its width that is counted */
export const drawnPixels = (
  page: Page,
  line: string,
  [from, to]: readonly [number, number] = [0, 1],
): Promise<unknown> =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('.chart canvas')
    // The graph is still being loaded.
    const swatch = document.querySelector('.swatch.${line}')
    if (!canvas?.width || !swatch || !document.querySelector('.chart .u-over')?.clientWidth) return 0
    const { left, width, height } = document.querySelector('.chart .u-over').getBoundingClientRect()
    const scale = canvas.width / canvas.clientWidth
    const place = (share) => Math.round((left - canvas.getBoundingClientRect().left + width * share) * scale)
    const { data } = canvas
      .getContext('2d')
      .getImageData(place(${from}), 0, place(${to}) - place(${from}), Math.round(height * scale))
    const wanted = getComputedStyle(swatch).color.match(/\\d+/g).map(Number)
    const isLike = (at) => data[at + 3] > 128 && wanted.every((part, i) => Math.abs(part - data[at + i]) < 12)
    let count = 0
    for (let at = 0; at < data.length; at += 4) if (isLike(at)) count++
    return count
  })()`)

export const valueText = async (slider: Locator) => (await slider.getAttribute('aria-valuetext')) ?? ''

export async function showsHistory(t: Test, scene: Scene): Promise<void> {
  const { page, complaints } = await visitHouse(t, scene)
  const ax = unit(scene.house, 0)
  await page.getByRole('link', { name: `Details of ${ax.name}` }).click()
  const section = page.getByRole('region', { name: 'History' })
  const graph = section.getByRole('img', { name: /^Graph from .* to .*/ })
  await graph.waitFor()
  for (const line of ['floor_temperature', 'target_temperature', 'load'])
    await eventually(`${line} is drawn`, async () => Number(await drawnPixels(page, line)) > 300)
  const words = section.getByText(/Floor: .*\s°C to .*\s°C, on average .*\s°C\. .*The load was on for \d+% of the time/)
  await words.waitFor()

  const slider = section.getByRole('slider', { name: 'Moment in the graph' })
  await slider.focus()
  const newest = await valueText(slider)
  t.match(newest, /Floor [\d.]+\s°C, .*Setpoint [\d.]+\s°C, Load \d+%/)
  for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowLeft')
  t.not(await valueText(slider), newest, 'keys go to other moments')
  const legend = section.getByRole('list', { name: 'Lines in the graph' })
  const load = legend.getByRole('button', { name: /^Load/ })
  await load.click()
  t.equal(await load.getAttribute('aria-pressed'), 'false')
  await eventually('the load is not drawn', async () => Number(await drawnPixels(page, 'load')) < 30)
  await load.click()
  await eventually('the load is drawn again', async () => Number(await drawnPixels(page, 'load')) > 300)

  const end = Number(await slider.getAttribute('max'))
  ax.setLocally(5, 33)
  await eventually('what happens now is in it', async () => Number(await slider.getAttribute('max')) > end)

  await section.getByText('As a table').click()
  const rows = section.getByRole('row')
  t.ok((await rows.count()) >= 24, 'a row for each hour')
  t.match(await rows.nth(1).textContent(), /\d\s°C/)

  for (const [name, least] of [
    ['Week', 28],
    ['Month', 7],
  ] as const) {
    await section.getByRole('button', { name }).click()
    await eventually(`the ${name} is there`, async () => {
      const count = await rows.count()
      return count > least && count < least + 5 && (await words.count()) === 1
    })
  }
  await section.getByRole('button', { name: 'Earlier' }).click()
  await section.getByText('Nothing was recorded in this period.').waitFor()
  await section.getByRole('button', { name: 'Later' }).click()
  await words.waitFor()

  await section.getByRole('button', { name: 'Yesterday' }).click()
  await eventually('yesterday is in the address', () => /\/day\/20\d\d-\d\d-\d\d$/.test(page.url()))
  await page.reload()
  await words.waitFor()
  t.match(page.url(), /\/day\/20/, 'and is there again')
  await section.getByRole('button', { name: 'Now' }).click()
  await section.getByRole('button', { name: 'Month' }).click()
  await words.waitFor()
  const energy = page.getByRole('region', { name: 'Energy' })
  await energy.getByRole('img', { name: /^Energy by day: [\d.]+ kWh together/ }).waitFor()

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    section.getByRole('button', { name: 'Download as CSV' }).click(),
  ])
  t.match(download.suggestedFilename(), new RegExp(`^${ax.serial}-[\\d-]+\\.csv$`))
  const csv = await readFile(await download.path(), 'utf8')
  t.match(csv, /^at,known,current_temperature,/)
  t.ok(csv.split('\r\n').length > 1_900, 'all that is kept')
  t.strictSame(complaints, [], 'nothing against the policy of the page')
}
