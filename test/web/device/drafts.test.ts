/** A schedule that is being changed here while others change it too, or while the session ends. */
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import { signIn as signInByRest } from '../../support/api.ts'
import { ADMIN, unit } from '../../support/e2e.ts'
import { withoutBrowser } from '../browser/browser.ts'
import { LOOK, openScene, type Scene, signIn, violations, visitHouse } from '../browser/scene.ts'

const GUEST = { user: 'olga', password: 'vier bunte Gurken' }

t.test('a schedule that is not saved yet', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t)
  await t.test('days that others change meanwhile stay as they made them', (t) => staysOutOfIt(t, scene))
  await t.test('a day that both have changed is asked about', (t) => asksAboutBoth(t, scene))
  await t.test('a change at the thermostat that nobody has seen yet is asked about too', (t) => asksDevice(t, scene))
  await t.test('it outlasts a session that ends by itself', (t) => outlastsSession(t, scene))
  await t.test('nobody else gets it, and nothing is left after a sign-out', (t) => belongsToOne(t, scene))
  await t.test('who may only look by now is not asked about it', (t) => asksOnlyWhoMaySave(t, scene))
})

interface Opened {
  readonly page: Page
  readonly section: Locator
  readonly complaints: string[]
  /** Chooses a day, and types the temperature of its first period. */
  readonly set: (day: string, degrees: number) => Promise<void>
  /** What the page shows of the first period of a day. */
  readonly shown: (day: string) => Promise<string>
}

async function open(t: Test, scene: Scene, as?: typeof GUEST): Promise<Opened> {
  const { page, complaints } = await visitHouse(t, scene, LOOK, as)
  await page.getByRole('link', { name: `Details of ${unit(scene.house, 0).name}` }).click()
  const section = page.getByRole('region', { name: 'Weekly schedule' })
  const choose = (day: string) => section.locator('label', { hasText: day }).first().click()
  const degrees = section.getByLabel('Temperature in °C').first()
  return {
    page,
    section,
    complaints,
    set: async (day, value) => {
      await choose(day)
      await degrees.fill(String(value))
      await degrees.press('Tab')
      await section.locator('label', { hasText: day }).getByText('(changed)').waitFor({ state: 'attached' })
    },
    shown: async (day) => {
      await choose(day)
      return degrees.inputValue()
    },
  }
}

/** Somebody else sets the day of the same thermostat to one temperature. */
async function setElsewhere(scene: Scene, day: string, temperature: number): Promise<void> {
  const path = `/api/v1/devices/${unit(scene.house, 0).serial}/schedule`
  const { status, text } = await scene.bridge.rest('PUT', path, {
    floor: { [day]: [{ time: '05:00', temperature }] },
  })
  if (status !== 200) throw new Error(text)
}

/** The temperature of the first period that the thermostat itself has. */
async function held(scene: Scene, day: string): Promise<unknown> {
  const { floor } = (await scene.bridge.rest('GET', `/api/v1/devices/${unit(scene.house, 0).serial}/schedule`)).body
  const [period] = isObject(floor) && Array.isArray(floor[day]) ? floor[day] : []
  return (period as JsonObject | undefined)?.temperature
}

const NUMBERS = ['1', '2', '3', '4', '5', '6', '7'] as const

async function staysOutOfIt(t: Test, scene: Scene) {
  const { section, set, shown, complaints } = await open(t, scene)
  const ax = unit(scene.house, 0)
  await set('Monday', 31)
  const before = ax.device.controller.floor.wire()
  await setElsewhere(scene, 'tuesday', 24)
  await shown('Tuesday')
  await section.getByRole('slider', { name: 'Period from 05:00: 24' }).waitFor()
  t.equal(await section.getByText('(changed)').count(), 1, 'only the own day is changed')
  t.equal(await shown('Monday'), '31')
  await section.getByRole('button', { name: 'Save' }).click()
  await section.getByText('The device has the schedule.').waitFor()
  const after = ax.device.controller.floor.wire()
  t.equal(await held(scene, 'monday'), 31)
  t.same(after['1'], [[300, 240]], 'the new Tuesday')
  const others = NUMBERS.filter((number) => JSON.stringify(after[number]) !== JSON.stringify(before[number]))
  t.strictSame(others, ['1'], 'all others as they were')
  t.equal(await section.getByRole('alert').count(), 0)
  t.strictSame(complaints, [])
}

async function asksAboutBoth(t: Test, scene: Scene) {
  const { page, section, set, shown, complaints } = await open(t, scene)
  const question = section.getByRole('region', { name: 'Friday' })
  const save = section.getByRole('button', { name: 'Save' })
  await set('Friday', 33)
  t.ok(await save.isEnabled())
  await setElsewhere(scene, 'friday', 21)
  await question.getByText('Friday was also changed elsewhere').waitFor()
  t.match(await question.textContent(), /Keep my change.*33\s°C.*Keep the other change.*05:00 21\s°C/)
  t.ok(await save.isDisabled(), 'not before it is decided')
  t.strictSame(await violations(page), [], 'while it asks')
  t.ok(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, 'it fits')

  await question.getByRole('button', { name: 'Keep the other change' }).press('Enter')
  t.equal(await question.count(), 0)
  await page.keyboard.press('Tab')
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Undo', 'keys go on where they were')
  t.equal(await shown('Friday'), '21')
  t.ok(await save.isDisabled(), 'nothing is changed any more')
  await section.getByRole('button', { name: 'Undo' }).click()
  await question.getByRole('button', { name: 'Keep my change' }).click()
  t.equal(await question.count(), 0)
  t.equal(await shown('Friday'), '33')
  await setElsewhere(scene, 'friday', 20)
  await question.getByText('05:00 20').waitFor()
  await question.getByRole('button', { name: 'Keep my change' }).click()
  await save.click()
  await section.getByText('The device has the schedule.').waitFor()
  t.equal(await held(scene, 'friday'), 33)
  t.strictSame(complaints, [])
}

const DAY = 24 * 3_600_000

async function asksDevice(t: Test, scene: Scene) {
  const { section, set, shown, complaints } = await open(t, scene)
  const { floor } = unit(scene.house, 0).device.controller
  // Not today, or the bridge would soon see it by itself.
  const at = new Date(scene.clock.now() + 3 * DAY)
  const day = at.toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' })
  const index = (at.getUTCDay() + 6) % 7
  const own = () => floor.wire()[String(index)]
  const question = section.getByRole('region', { name: day })
  const save = section.getByRole('button', { name: 'Save' })
  await set(day, 32)
  floor.setDay(index, [[300, 190]])
  await save.click()
  await question.getByText('05:00 19').waitFor()
  t.same(own(), [[300, 190]], 'nothing is written')
  t.equal(await section.getByText('The device has the schedule.').count(), 0)
  await question.getByRole('button', { name: 'Keep the other change' }).click()
  t.equal(await shown(day), '19')
  await section.getByRole('button', { name: 'Undo' }).click()
  await question.getByRole('button', { name: 'Keep my change' }).click()
  await save.click()
  await section.getByText('The device has the schedule.').waitFor()
  t.match(own()?.[0], [Number, 320])
  t.strictSame(complaints, [])
}

async function outlastsSession(t: Test, scene: Scene) {
  const { page, section, set, shown } = await open(t, scene)
  await set('Sunday', 29)
  scene.clock.jumpWall(13 * 3_600_000)
  await section.getByRole('button', { name: 'Save' }).click()
  await page.getByText('You were away for a long time').waitFor()
  t.not(await held(scene, 'sunday'), 29, 'too late')
  await setElsewhere(scene, 'saturday', 23)
  await signIn(page)
  await section.waitFor()
  t.equal(await shown('Sunday'), '29', 'still there')
  t.equal(await shown('Saturday'), '23', 'and what happened meanwhile')
  await setElsewhere(scene, 'sunday', 22)
  await section.getByRole('button', { name: 'Keep my change' }).click()
  await section.getByRole('button', { name: 'Save' }).click()
  await section.getByText('The device has the schedule.').waitFor()
  t.equal(await held(scene, 'sunday'), 29)
}

async function belongsToOne(t: Test, scene: Scene) {
  const url = scene.url.slice(0, -1)
  const made = await scene.bridge.rest('POST', '/api/v1/users', { name: GUEST.user, role: 'control', password: ADMIN })
  const first = await signInByRest(url, String(made.body.new_password), GUEST.user)
  const chosen = await fetch(`${url}/api/v1/password`, {
    method: 'POST',
    headers: { ...first, 'content-type': 'application/json' },
    body: JSON.stringify({ current: made.body.new_password, new: GUEST.password }),
  })
  t.equal(chosen.status, 200, await chosen.text())

  const { page, section, set } = await open(t, scene)
  const changed = section.getByText('(changed)')
  const nothingLeft = async (what: string) => {
    await section.getByRole('slider').first().waitFor()
    t.equal(await changed.count(), 0, what)
  }
  const signOut = async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    const sure = page.getByRole('alertdialog', { name: 'Sign out' })
    if ((await changed.count()) > 0) await sure.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
  }
  await set('Sunday', 27)
  scene.clock.jumpWall(13 * 3_600_000)
  await section.getByRole('button', { name: 'Save' }).click()
  await page.getByText('You were away for a long time').waitFor()
  await signIn(page, GUEST.password, GUEST.user)
  await nothingLeft('of another user')
  await signOut()
  await signIn(page)
  await nothingLeft('after that')
  await set('Sunday', 26)
  await signOut()
  await signIn(page)
  await nothingLeft('after a sign-out on purpose')
}

async function asksOnlyWhoMaySave(t: Test, scene: Scene) {
  const { page, section, set } = await open(t, scene, GUEST)
  /** Whether the browser would ask before the tab is closed. */
  const asks = () =>
    page.evaluate(`(() => {
      const leaving = new Event('beforeunload', { cancelable: true })
      dispatchEvent(leaving)
      return leaving.defaultPrevented
    })()`)
  await set('Sunday', 28)
  t.equal(await asks(), true)
  const { users } = (await scene.bridge.rest('GET', '/api/v1/users')).body
  const guest = Array.isArray(users) ? users.find(({ name }) => name === GUEST.user) : undefined
  const changed = await scene.bridge.rest('PATCH', `/api/v1/users/${guest?.id}`, { role: 'look', password: ADMIN })
  t.equal(changed.status, 200, changed.text)
  await page.locator('.who').getByText('Looks').waitFor()
  t.equal(await section.getByText('(changed)').count(), 0)
  t.equal(await asks(), false)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
}
