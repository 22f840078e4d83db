/** The whole house at once, and its rooms. */
import type { CDPSession, Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import { isObject } from '../../../../src/core/json.ts'
import { eventually, unit } from '../../../support/e2e.ts'
import { LOOK, type Scene, violations, visitHouse } from '../scene.ts'

const POWER_OFF = 125

export async function leavesHouse(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  const serials = scene.house.thermostats.map(({ serial }) => serial)
  const presets = () =>
    Promise.all(
      serials.map(async (serial) => {
        const { state } = await scene.bridge.device(serial)
        return isObject(state) ? state.preset : undefined
      }),
    )
  const all = (preset: string) => async () => (await presets()).every((one) => one === preset)
  const panel = page.getByRole('region', { name: 'Mode of the house' })
  let taps = 0
  const tap = async (button: Locator) => {
    await button.click()
    taps++
  }
  await tap(panel.getByRole('button', { name: 'Away', exact: true }))
  t.strictSame(await violations(page), [], 'with the lengths of away')
  await tap(panel.getByRole('button', { name: /^A week/ }))
  await eventually('every thermostat is away', all('away'))
  t.ok(taps <= 3, 'away for a week with the whole house')
  await panel.getByText('2 of 2 thermostats have it.').waitFor()
  await panel.getByText(/^Until /).waitFor()
  await panel.getByText('Each device').click()
  await panel.getByRole('listitem').first().waitFor()
  t.strictSame(await violations(page), [], 'with each device')
  await panel.getByRole('button', { name: 'Back to normal' }).click()
  await eventually('every thermostat is back', all('none'))
  await panel.getByRole('button', { name: 'Normal', exact: true, pressed: true }).waitFor()
  t.strictSame(complaints, [])
}

export async function sortsRooms(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  const [ax, oz] = [unit(scene.house, 0), unit(scene.house, 1)]
  await putInto(page, ax.serial, '<b>Ванна</b> 🛁')
  await putInto(page, oz.serial, 'Hall')
  await page.goto(`${scene.url}#/`)
  const roomOf = (name: string) => page.getByRole('region', { name, exact: true })
  const bath = roomOf('<b>Ванна</b> 🛁')
  const names = () => page.locator('[data-room] h2:first-of-type').allTextContents()
  const inOrder = (...wanted: string[]) =>
    eventually(`the rooms are ${wanted}`, async () => {
      const shown = (await names()).filter((name) => wanted.includes(name))
      return JSON.stringify(shown) === JSON.stringify(wanted)
    })
  await bath.getByRole('article').filter({ hasText: ax.name }).waitFor()
  await inOrder('<b>Ванна</b> 🛁', 'Hall')
  const handle = page.getByRole('button', { name: /^Move Hall/ })
  await handle.press('ArrowUp')
  await inOrder('Hall', '<b>Ванна</b> 🛁')
  const outline = await handle.evaluate((button) => button.computedStyleMap().get('outline-style')?.toString())
  t.equal(outline, 'solid', 'the focus can be seen')
  // From here on it can be moved again.
  await page.getByText('Hall is number 1 of 2 now.').waitFor({ state: 'attached' })
  await drag(page, page.getByRole('button', { name: /^Move Hall/ }), bath)
  await inOrder('<b>Ванна</b> 🛁', 'Hall')
  t.strictSame(await violations(page), [])

  await bath.getByRole('button', { name: /^More about/ }).click()
  await bath
    .getByRole('group', { name: /^Mode: / })
    .getByRole('button', { name: 'Off', exact: true })
    .click()
  t.strictSame(await violations(page), [], 'asking whether to switch a room off')
  await bath.getByRole('button', { name: 'Yes, do it' }).click()
  await eventually('the room is off', () => ax.parameter(POWER_OFF) === '1')
  t.equal(oz.parameter(POWER_OFF), '0', 'and no other')
  await bath.getByRole('button', { name: 'Back to normal' }).click()
  await eventually('the room is on', () => ax.parameter(POWER_OFF) === '0')
  await bath.getByRole('button', { name: 'Remove the room' }).click()
  const question = bath.getByRole('alertdialog', { name: 'Remove the room' })
  await question.getByText('Its devices stay, but are in no room then.').waitFor()
  t.strictSame(await violations(page), [], 'asking whether to remove a room')
  await question.getByRole('button', { name: 'Remove the room' }).click()
  await roomOf('Without a room').getByRole('article').filter({ hasText: ax.name }).waitFor()
  t.strictSame(complaints, [])
}

async function putInto(page: Page, serial: string, room: string): Promise<void> {
  await page.goto(`${page.url().split('#')[0]}#/devices/${serial}`)
  const field = page.getByLabel('The room that it is in')
  await field.fill(room)
  const form = page.getByRole('region', { name: 'Room', exact: true })
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText(`It is in the room ${room} now.`).waitFor()
}

type Point = { readonly x: number; readonly y: number }

/**
 * With a finger where there is one, else with the mouse, on a window in which both places are to be seen. Once more if the page
 * has moved meanwhile, as a person would.
 */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  await page.setViewportSize({ width: page.viewportSize()?.width ?? 400, height: 3_000 })
  const { press, move, release } = LOOK.hasTouch ? finger(await page.context().newCDPSession(page)) : mouse(page)
  const within = async (place: Locator, share: number): Promise<Point> => {
    const box = await place.boundingBox()
    if (!box) throw new Error('It is not to be seen.')
    return { x: box.x + box.width * share, y: box.y + Math.min(40, box.height) * share }
  }
  await eventually('the place is marked', async () => {
    await press(await within(from, 0.5))
    await move(await within(to, 0.1))
    if ((await to.and(page.locator('.drop')).count()) > 0) return true
    await release()
    return false
  })
  await release()
}

const mouse = ({ mouse }: Page) => ({
  press: async ({ x, y }: Point) => {
    await mouse.move(x, y)
    await mouse.down()
  },
  move: ({ x, y }: Point) => mouse.move(x, y),
  release: () => mouse.up(),
})

function finger(hand: CDPSession) {
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: Point[]) =>
    hand.send('Input.dispatchTouchEvent', { type, touchPoints })
  return {
    press: (at: Point) => touch('touchStart', at),
    move: (at: Point) => touch('touchMove', at),
    release: () => touch('touchEnd'),
  }
}
