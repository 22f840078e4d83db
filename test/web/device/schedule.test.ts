/** The schedule of a device in a real browser: what is not saved is not lost unasked, and a phone shows all of it. */
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { eventually, unit } from '../../support/e2e.ts'
import { withoutBrowser } from '../browser/browser.ts'
import { goTo, LOOK, openScene, PHONE, type Scene, violations, visitHouse } from '../browser/scene.ts'

t.test('the schedule of a device', { skip: withoutBrowser() }, async (t) => {
  const scene = await openScene(t)
  await t.test('what is not saved is kept, or asked about', (t) => keepsChanges(t, scene))
  for (const language of ['en', 'uk', 'de'])
    await t.test(`the longest day on a small phone: ${language}`, (t) => readsOnPhone(t, scene, language))
})

async function keepsChanges(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  const ax = unit(scene.house, 0)
  await page.getByRole('link', { name: `Details of ${ax.name}` }).click()
  const section = page.getByRole('region', { name: 'Weekly schedule' })
  const changed = section.getByText('(changed)')
  const point = section.getByRole('slider').first()
  await point.focus()
  const before = await point.getAttribute('aria-valuetext')
  await page.keyboard.press('ArrowUp')
  await changed.waitFor({ state: 'attached' })
  const after = await point.getAttribute('aria-valuetext')
  t.not(after, before)

  await page.getByRole('link', { name: 'System' }).click()
  await page.getByRole('heading', { name: 'System', level: 1 }).waitFor()
  await page.goBack()
  await changed.waitFor({ state: 'attached' })
  t.equal(await point.getAttribute('aria-valuetext'), after, 'still there after a look at something else, and back')

  const asks = async (what: string, leave: () => Promise<unknown>) => {
    const asked = page.waitForEvent('dialog')
    // It ends when somebody has answered.
    void leave().catch(() => undefined)
    const dialog = await asked
    t.equal(dialog.type(), 'beforeunload', what)
    await dialog.dismiss()
    t.equal(await point.getAttribute('aria-valuetext'), after, `${what}: stays`)
  }
  await asks('another page', () => page.evaluate("setTimeout(() => { location.href = 'about:blank' })"))
  await asks('a reload', () => page.evaluate('setTimeout(() => location.reload())'))
  await asks('closing the tab', () => page.close({ runBeforeUnload: true }))

  await page.getByRole('button', { name: 'Sign out' }).click()
  const question = page.getByRole('alertdialog', { name: 'Sign out' })
  await question.getByText('the changes are lost').waitFor()
  t.strictSame(await violations(page), [], 'while it asks')
  await question.getByRole('button', { name: 'Cancel' }).click()
  t.equal(await point.getAttribute('aria-valuetext'), after, 'still signed in')

  await section.getByRole('button', { name: 'Undo' }).click()
  t.equal(await changed.count(), 0)
  let asked = 0
  page.on('dialog', (dialog) => {
    asked++
    void dialog.accept()
  })
  await page.reload()
  await section.waitFor()
  t.equal(asked, 0, 'with nothing to lose, nothing is asked')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  t.strictSame(complaints, [])
}

const LONGEST = [0, 3, 6, 9, 12, 15, 18, 21]

async function readsOnPhone(t: Test, scene: Scene, language: string) {
  const oz = unit(scene.house, 1)
  const { state } = await scene.bridge.device(oz.serial)
  const most = Number((state as { schedule_periods?: number }).schedule_periods ?? LONGEST.length)
  const day = LONGEST.slice(0, most).map((hour, index) => ({
    time: `${String(hour).padStart(2, '0')}:00`,
    temperature: index === 1 ? 'on' : index % 2 === 0 ? 30 : 21.5,
  }))
  const names = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
  const week = Object.fromEntries(names.map((name) => [name, day]))
  const { status, text } = await scene.bridge.rest('PUT', `/api/v1/devices/${oz.serial}/schedule`, { air: week })
  t.equal(status, 200, text)
  const opened = await visitHouse(t, scene, { ...PHONE, ...colours(), viewport: { width: 360, height: 740 } })
  const { page, complaints } = opened
  await page.evaluate(`localStorage.setItem('thermo2mqtt.language', '${language}')`)
  await goTo(page, `#/devices/${oz.serial}`)
  await page.addInitScript(SLOW)
  await page.reload()
  await page.locator('.periods li').first().waitFor()
  t.equal(await page.locator('html').getAttribute('lang'), language)
  await eventually('the whole day is there', async () => (await page.locator('.periods li').count()) === day.length)
  t.strictSame(await found(page), [])
  t.strictSame(await violations(page), [])
  t.strictSame(complaints, [])
}

/** What is seen first has its size already: a browser may tell of it late. */
const SLOW = `ResizeObserver = class extends ResizeObserver {
  constructor(told) {
    super((...all) => setTimeout(() => told(...all), 10_000))
  }
}`

const colours = () => (LOOK.colorScheme === undefined ? {} : { colorScheme: LOOK.colorScheme })

/** What is too small, cut or covered in the schedule, in a line each. */
async function found(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const section = document.querySelector('section:has(.periods)')
    const wrong = []
    const nameOf = (one) => one.outerHTML.slice(0, 90)
    const shown = (one) => one.checkVisibility() && one.getBoundingClientRect().width > 1
    // Letters in pixels as they are seen: those of a drawing grow and shrink with it.
    for (const one of section.querySelectorAll('*')) {
      const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
      if (!own || !shown(one) || one.closest('title, option')) continue
      const drawing = one.closest('svg')
      const scale = drawing ? drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width : 1
      const size = Number.parseFloat(getComputedStyle(one).fontSize) * scale
      if (size < 12) wrong.push('letters of ' + size.toFixed(1) + ' px: ' + nameOf(one))
      if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1 && getComputedStyle(one).display !== 'inline')
        wrong.push('cut: ' + nameOf(one))
    }
    const targets = [...section.querySelectorAll('button, input, select, summary, [role=slider], .week label, .check')]
      .filter((one) => shown(one) && !one.closest('.check input, .week input'))
      .filter((one) => !one.matches('.check > input, .week input'))
    for (const one of targets) {
      const { width, height, left, right } = one.getBoundingClientRect()
      if (width < 39.9 || height < 39.9) wrong.push('target of ' + width.toFixed(1) + ' × ' + height.toFixed(1) + ': ' + nameOf(one))
      if (left < 0 || right > innerWidth) wrong.push('outside: ' + nameOf(one))
    }
    const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
    // Points can be closer to each other than a finger is wide, but each is to be seen whole.
    const seen = targets.map((one) => one.querySelector('circle:not(.reach)') ?? one)
    seen.forEach((one, index) => {
      for (const other of seen.slice(index + 1))
        if (!one.contains(other) && !other.contains(one) && over(one.getBoundingClientRect(), other.getBoundingClientRect()))
          wrong.push('covers: ' + nameOf(one) + ' / ' + nameOf(other))
    })
    const hours = [...section.querySelectorAll('.graph text[text-anchor]')].map((one) => one.getBoundingClientRect())
    hours.forEach((box, index) => {
      if (index > 0 && over(hours[index - 1], box)) wrong.push('hours run into each other at ' + index)
    })
    // As wide as the browser itself makes it for all that it can show, with a clock or an arrow.
    for (const one of section.querySelectorAll('.periods input[type=time], .periods select')) {
      const free = one.cloneNode(true)
      free.style.cssText = 'position: absolute; width: max-content; max-width: none'
      one.parentElement.append(free)
      const [needed, room] = [free.getBoundingClientRect().width, one.getBoundingClientRect().width]
      free.remove()
      if (needed > room + 0.5) wrong.push('needs ' + needed.toFixed(0) + ' px and has ' + room.toFixed(0) + ': ' + nameOf(one))
    }
    const degrees = section.querySelectorAll('.periods input.number')
    if (degrees.length === 0) wrong.push('no temperatures are there')
    for (const one of degrees) {
      const style = getComputedStyle(one)
      const pen = document.createElement('canvas').getContext('2d')
      pen.font = style.fontSize + ' ' + style.fontFamily
      const room = one.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight)
      if (pen.measureText('-00.5').width > room) wrong.push('no room for a temperature: ' + nameOf(one))
    }
    return wrong
  })()`)
}
