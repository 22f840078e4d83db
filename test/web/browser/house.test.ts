/** The page in a real browser, against the whole bridge and a virtual house: everything by role and text. */

import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { eventually, unit } from '../../support/e2e.ts'
import { shownAsWaiting, visit, withoutBrowser } from './browser.ts'
import { tellsWhoDidWhat } from './flows/log.ts'
import { leavesHouse, sortsRooms } from './flows/rooms.ts'
import { tellsUse } from './flows/use.ts'
import { showsHistory } from './history-graph.ts'
import { LOOK, openScene, PHONE, type Scene, signIn, violations, visitHouse } from './scene.ts'
import { movesSchedules } from './schedule-flows.ts'

t.test('house and devices', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t, { past: true })
  await t.test('nobody sees anything without signing in', (t) => signsIn(t, scene))
  await t.test('the top tells what was used today and this month', (t) => tellsUse(t, scene))
  await t.test('thermostats are set, and shown as set once they have confirmed it', (t) => setsThermostats(t, scene))
  await t.test('the whole house is left for a week, and is back as it was', (t) => leavesHouse(t, scene))
  await t.test('thermostats are put into rooms, and rooms in order', (t) => sortsRooms(t, scene))
  await t.test('the log of a thermostat tells who did what', (t) => tellsWhoDidWhat(t, scene))
  await t.test('relays are switched', (t) => switchesRelays(t, scene))
  await t.test('what a thermostat refuses is said, and what is true is shown', (t) => saysFailures(t, scene))
  await t.test('what is wrong with a device is said in words', (t) => saysTroubles(t, scene))
  await t.test('parameters are changed, and a thermostat is asked to blink', (t) => changesParameters(t, scene))
  await t.test('the graph shows day, week and month, in words and for keys too', (t) => showsHistory(t, scene))
  await t.test('a schedule is edited with keys, mouse and typing, and written', (t) => editsSchedule(t, scene))
  await t.test('a schedule is copied to others, and those of the house go out and in as a file', (t) =>
    movesSchedules(t, scene),
  )
  await t.test('a schedule is drawn with a finger', (t) => drawsWithFinger(t, scene))
})

const cardOf = (page: Page, name: string): Locator => page.getByRole('article').filter({ hasText: name })

async function stateOf({ bridge }: Scene, serial: string, key: string): Promise<unknown> {
  const { state } = await bridge.device(serial)
  return isObject(state) ? state[key] : undefined
}

/** Every change shows as not confirmed; this waits until none does. */
const confirmed = (place: Locator | Page) =>
  eventually('all is confirmed', async () => (await place.getByText('waiting for the device').count()) === 0)

async function signsIn(t: Test, scene: Scene) {
  const { page, complaints } = await visit(t, scene.browser, scene.url, LOOK)
  await page.getByRole('heading', { name: 'thermo2mqtt' }).waitFor()
  await signIn(page, 'wrong-password')
  t.match(await page.getByRole('alert').textContent(), /wrong/)
  t.strictSame(await violations(page), [])
  await signIn(page)
  await page.getByRole('heading', { name: 'House' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'House' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  t.strictSame(complaints, [])
}

async function setsThermostats(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  const ax = unit(scene.house, 0)
  const card = cardOf(page, ax.name)
  for (const [name, manual] of [
    ['by schedule', false],
    ['heat', true],
  ] as const) {
    await card.getByRole('button', { name }).click()
    await eventually(`the thermostat is set to ${name}`, () => (ax.parameter(2) !== '0') === manual)
    await confirmed(card)
  }
  const before = Number(ax.parameter(5))
  const sent = ax.writes.length
  await shownAsWaiting(page, card, () => card.getByRole('button', { name: 'Warmer' }).dblclick())
  await eventually('the thermostat has the setpoint', () => Number(ax.parameter(5)) === before + 2)
  await confirmed(card)
  await card.getByText(`${before + 2} °C`, { exact: true }).waitFor()
  t.equal(ax.writes.length - sent, 1, 'two presses are one command')
  const slider = card.getByRole('slider', { name: 'Setpoint' })
  await card.getByRole('button', { name: `${before + 2} °C` }).click()
  await slider.press('ArrowLeft')
  await eventually('the slider sets it too', () => Number(ax.parameter(5)) === before + 1)
  await confirmed(card)
  await card.getByRole('button', { name: 'Away', exact: true }).click()
  t.strictSame(await violations(page), [], 'with slider and lengths')
  await card.getByRole('button', { name: /^A week/ }).click()
  // With the date, or with the day of the week where the thermostat is in a zone in which it is still yesterday.
  await card.getByText(/^Away until .*\d\d:\d\d$/).waitFor()
  const end = String(await stateOf(scene, ax.serial, 'away_end'))
  const days = (Date.parse(`${end}Z`) - scene.clock.now()) / 86_400_000
  t.ok(days > 6 && days < 8, `away ends in a week, on ${end}`)
  await card.getByRole('button', { name: 'End away' }).click()
  await card.getByRole('button', { name: 'Boost', exact: true }).click()
  await card.getByRole('button', { name: '2 hrs' }).click()
  await card.getByText(/^Boost until .*\d\d:\d\d$/).waitFor()
  t.equal(await stateOf(scene, ax.serial, 'boost_minutes'), 120)
  await card.getByRole('button', { name: 'End boost' }).click()
  await confirmed(card)
  await card.getByRole('img', { name: /^Last 24 hours: \d/ }).waitFor()
  // What is changed at the device itself shows here by itself.
  ax.setLocally(5, before)
  await card.getByText(`${before} °C`, { exact: true }).waitFor()
  t.strictSame(complaints, [])
}

async function switchesRelays(t: Test, scene: Scene) {
  const { page } = await visitHouse(t, scene)
  const [relay] = scene.house.relays
  if (!relay) return t.fail('there is a relay')
  const toggle = page.getByRole('switch', { name: relay.name })
  const isOn = () => relay.parameter(125) === '1'
  const shown = () =>
    eventually('the page shows what the relay has', async () => {
      return (await toggle.getAttribute('aria-checked')) === String(isOn())
    })
  await shown()
  const before = isOn()
  await toggle.click()
  await eventually('the relay has switched', () => isOn() !== before)
  await confirmed(page)
  await shown()
}

async function saysFailures(t: Test, scene: Scene) {
  const { page } = await visitHouse(t, scene)
  const oz = unit(scene.house, 1)
  const card = cardOf(page, oz.name)
  const modes = card.getByRole('group', { name: 'Mode', exact: true })
  const mode = modes.getByRole('button', { pressed: true })
  await mode.waitFor()
  const was = (await mode.textContent()) ?? ''
  oz.device.setLock('both')
  t.teardown(() => oz.device.setLock('lan'))
  await modes.getByRole('button', { name: was === 'heat' ? 'by schedule' : 'heat' }).click()
  await card.getByText('Mode was not changed.').waitFor()
  await card.getByText('Unlock it at the device itself').first().waitFor()
  await eventually('the true mode is shown', async () => (await mode.textContent()) === was)
  await card.getByRole('link', { name: oz.name }).click()
  await page.getByText('The device refuses all commands, even signed ones.').waitFor()
  await page.getByText('To unlock it: hold the left button of the thermostat until reg appears').waitFor()
  await page.getByRole('region', { name: 'About the device' }).getByText('2.5.1').waitFor()
  const own = page.getByRole('link', { name: 'The device’s own page' })
  t.equal(await own.getAttribute('href'), `http://${oz.host}:${oz.port}/index.html`)
  t.equal(await own.getAttribute('rel'), 'noopener noreferrer')
  await page.goto(`${scene.url}#/devices/${unit(scene.house, 0).serial}`)
  await page.getByRole('heading', { level: 1, name: unit(scene.house, 0).name }).waitFor()
  t.equal(await own.count(), 0, 'Terneo documents none')
  const [relay] = scene.house.relays
  if (!relay) return t.fail('there is a relay')
  relay.device.setLock('both')
  t.teardown(() => relay.device.setLock('lan'))
  await page.goto(`${scene.url}#/devices/${relay.serial}`)
  await page.getByText('To unlock it: hold the right button of the device for 36 to 39 seconds').waitFor()
}

async function saysTroubles(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  const oz = unit(scene.house, 1)
  const card = cardOf(page, oz.name)
  oz.device.faults.add(4)
  await card.getByText('Floor sensor shorted. The floor sensor has a short circuit.').waitFor()
  oz.device.faults.delete(4)
  await card.getByText('Floor sensor shorted').waitFor({ state: 'detached' })
  oz.setLocally(115, 1)
  await card.getByText('Lock changed. The lock of the device has changed').waitFor()
  await page.getByRole('link', { name: `Details of ${oz.name}` }).click()
  await page.getByRole('button', { name: 'Accept this lock' }).click()
  await page.getByText('Lock changed.').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'back' }).click()
  oz.setLocally(115, 0)
  await oz.unplug()
  // What comes next finds it as it was.
  t.teardown(async () => {
    await oz.plugIn()
    await eventually('it is there again', async () => (await scene.bridge.device(oz.serial)).online === true)
  })
  await card.getByText(/^Not reachable. Last seen: .*20\d\d/).waitFor()
  await card.getByText('The device can’t be reached').waitFor()
  t.strictSame(complaints, [])
}

async function changesParameters(t: Test, scene: Scene) {
  const { page } = await visitHouse(t, scene)
  const ax = unit(scene.house, 0)
  await page.getByRole('link', { name: `Details of ${ax.name}` }).click()
  await page.getByRole('heading', { name: ax.name, level: 1 }).waitFor()
  await page.getByRole('heading', { name: 'Settings' }).click()
  await page.getByText('Brightness of the display.').waitFor()
  const brightness = page.getByLabel('Display brightness')
  const row = page.locator('.point', { has: brightness })
  // Else what is typed could be what an older value still shows, and that changes nothing.
  await eventually('the page is up to date', async () => (await brightness.inputValue()) === ax.parameter(23))
  const next = ax.parameter(23) === '3' ? '4' : '3'
  await brightness.fill(next)
  await brightness.press('Enter')
  await eventually('the thermostat has the brightness', () => ax.parameter(23) === next)
  // Else it is not certain which of the two is answered first.
  await confirmed(page)
  await brightness.fill('99')
  await brightness.press('Enter')
  await row.getByText('The value is outside its limits.').waitFor()
  await eventually('what is true is shown', async () => (await brightness.inputValue()) === next)
  const child = page.getByRole('switch', { name: 'Child lock' })
  const before = ax.parameter(124)
  await child.click()
  await eventually('the child lock is switched', () => ax.parameter(124) !== before)
  await confirmed(page)
  const relay = page.getByRole('switch', { name: 'Relay inverted' })
  const wired = ax.parameter(117)
  await relay.click()
  const question = page.getByRole('alertdialog')
  await question.getByText('It must fit what is installed.').waitFor()
  t.equal(ax.parameter(117), wired, 'asked first')
  await question.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Show names and numbers of the protocol' }).click()
  await page.getByText('brightness · 23').waitFor()
  await page.getByRole('button', { name: 'Blink' }).click()
  await page.getByText('Done', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Restart' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('alertdialog').waitFor({ state: 'detached' })
  t.pass()
}

async function editsSchedule(t: Test, scene: Scene) {
  const { page } = await visitHouse(t, scene)
  const ax = unit(scene.house, 0)
  await page.getByRole('link', { name: `Details of ${ax.name}` }).click()
  const section = page.getByRole('region', { name: 'Weekly schedule' })
  await section.locator('label', { hasText: 'Tuesday' }).first().click()
  const first = section.getByRole('slider').first()
  await first.focus()
  const start = (await first.getAttribute('aria-valuetext')) ?? ''
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowUp')
  const moved = (await first.getAttribute('aria-valuetext')) ?? ''
  t.not(moved, start, 'keys move the point')
  await section.getByRole('button', { name: 'Undo' }).click()
  await section.getByRole('button', { name: 'Undo' }).click()
  t.equal(await first.getAttribute('aria-valuetext'), start, 'undone')

  await first.scrollIntoViewIfNeeded()
  const box = await first.boundingBox()
  if (!box) return t.fail('the point is drawn')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 20, box.y + box.height / 2 + 12, { steps: 4 })
  await page.mouse.up()
  t.not(await first.getAttribute('aria-valuetext'), start, 'the mouse drags the point')

  await section.getByLabel('Temperature in °C').first().fill('17')
  await section.getByLabel('Temperature in °C').first().press('Tab')
  await section.getByLabel('From', { exact: true }).first().fill('05:40')
  await section.getByLabel('From', { exact: true }).first().blur()
  t.match(await first.getAttribute('aria-valuetext'), /^05:40, 17\s°C$/)
  await section.getByRole('button', { name: 'Copy to Thursday' }).click()
  await page.getByRole('link', { name: 'House' }).first().click()
  await page.getByRole('link', { name: ax.name }).click()
  await section.getByText('(changed)').first().waitFor()
  t.equal(await section.getByText('(changed)').count(), 2, 'what is not saved is still there')
  await section.getByRole('button', { name: 'Save' }).click()
  await section.getByText('The device has the schedule.').waitFor()
  const { floor } = (await scene.bridge.rest('GET', `/api/v1/devices/${ax.serial}/schedule`)).body
  for (const day of ['tuesday', 'thursday']) {
    t.match(floor, { [day]: [{ time: '05:40', temperature: 17 }] }, `${day} as it was read back`)
  }
}

async function drawsWithFinger(t: Test, scene: Scene) {
  const { page, context } = await visitHouse(t, scene, { ...PHONE, colorScheme: 'dark' })
  await page.getByRole('link', { name: `Details of ${unit(scene.house, 0).name}` }).click()
  const section = page.getByRole('region', { name: 'Weekly schedule' })
  const first = section.getByRole('slider').first()
  await first.scrollIntoViewIfNeeded()
  const start = await first.getAttribute('aria-valuetext')
  const box = await first.boundingBox()
  if (!box) return t.fail('the point is drawn')
  t.ok(box.width >= 24, 'a finger reaches it')
  const hand = await context.newCDPSession(page)
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: { x: number; y: number }[]) =>
    hand.send('Input.dispatchTouchEvent', { type, touchPoints })
  await touch('touchStart', { x, y })
  for (const step of [1, 2, 3]) await touch('touchMove', { x: x + 8 * step, y: y - 10 * step })
  await touch('touchEnd')
  t.not(await first.getAttribute('aria-valuetext'), start)
  await section.getByRole('button', { name: 'All days' }).click()
  t.equal(await section.getByText('(changed)').count(), 7, 'on every day')
  await section.getByRole('button', { name: 'Undo' }).click()
  await section.getByRole('button', { name: 'Undo' }).click()
  t.equal(await first.getAttribute('aria-valuetext'), start, 'one movement is one step')
}
