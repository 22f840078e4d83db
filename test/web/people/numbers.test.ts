/** Numbers as people type and read them in their language. */
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { eventually, unit } from '../../support/e2e.ts'
import { withoutBrowser } from '../browser/browser.ts'
import { goTo, LOOK, openScene, type Scene, visitHouse } from '../browser/scene.ts'

t.test('numbers', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t)
  await t.test('a comma is a comma in the fields of a device, and so is a point', (t) => setsDevice(t, scene))
  await t.test('and in a schedule', (t) => setsSchedule(t, scene))
  await t.test('and in the settings, while it is being typed', (t) => setsPrice(t, scene))
})

/** Somebody who reads German, in a browser that would type English numbers. */
async function inGerman(t: Test, scene: Scene): Promise<Page> {
  const { page } = await visitHouse(t, scene, LOOK)
  await page.evaluate("localStorage.setItem('thermo2mqtt.language', 'de')")
  await page.reload()
  await page.getByRole('heading', { name: 'Haus', level: 1 }).waitFor()
  return page
}

/** Types each letter, as people do. */
async function type(field: Locator, text: string): Promise<void> {
  await field.fill('')
  await field.pressSequentially(text)
}

async function setsDevice(t: Test, scene: Scene) {
  const page = await inGerman(t, scene)
  const { serial } = unit(scene.house, 0)
  const is = (value: number) =>
    eventually(`the correction is ${value}`, async () => {
      const { state } = await scene.bridge.device(serial)
      return isObject(state) && state.floor_correction === value
    })
  await goTo(page, `#/devices/${serial}`)
  const field = page.getByLabel('Korrektur des Bodenfühlers')
  await field.waitFor({ state: 'attached' })
  await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
  await type(field, '-1,5')
  await field.press('Enter')
  await is(-1.5)
  t.equal(await field.inputValue(), '-1,5')
  await type(field, '2.5')
  await field.press('Enter')
  await is(2.5)
  t.equal(await field.inputValue(), '2,5', 'as German has it')
  await field.press('ArrowUp')
  t.equal(await field.inputValue(), '2,6', 'a step of a tenth')
  await field.press('ArrowDown')
  await type(field, '3,')
  t.equal(await field.getAttribute('aria-invalid'), 'false')
  await type(field, '3,4,5')
  t.equal(await field.getAttribute('aria-invalid'), 'true')
  await field.press('Enter')
  t.equal(await field.inputValue(), '2,5', 'what is no number is not sent')
  await is(2.5)
}

async function setsSchedule(t: Test, scene: Scene) {
  const page = await inGerman(t, scene)
  const { serial } = unit(scene.house, 0)
  await goTo(page, `#/devices/${serial}`)
  const section = page.getByRole('region', { name: 'Wochenzeitplan' })
  const degrees = section.getByLabel('Temperatur in °C').first()
  await type(degrees, '17,5')
  await degrees.press('Tab')
  t.match(await section.getByRole('slider').first().getAttribute('aria-valuetext'), /, 17,5\s°C$/)
  await section.getByRole('button', { name: 'Verwerfen' }).click()
}

async function setsPrice(t: Test, scene: Scene) {
  const page = await inGerman(t, scene)
  await goTo(page, '#/settings')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
  const price = page.getByLabel('Preis je kWh', { exact: true })
  await type(price, '0,205')
  t.equal(await price.inputValue(), '0,205')
  // This house has nowhere to keep settings; what is sent is what counts.
  const sent = page.waitForRequest((request) => request.method() === 'PATCH')
  await price.press('Enter')
  t.match((await sent).postData(), /"energy\.price":0\.205\b|"price":0\.205\b/)
}
