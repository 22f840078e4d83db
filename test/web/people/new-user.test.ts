/** What a new user does with the demo, from its first line to the first request of an automation. */
import { EventEmitter } from 'node:events'
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { demo } from '../../../src/commands/demo/index.ts'
import { eventually, tempFolder } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { builtPage, openBrowser, shownAsWaiting, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, signIn } from '../browser/scene.ts'
import { nextCode } from '../browser/totp.ts'

const ROOM = 'Bathroom'

/** Faster than real, but slow enough that a session lasts for the test. */
const FACTOR = 10

interface Demo {
  readonly clock: FastClock
  /** What it prints. */
  readonly guide: string
}

/** The command itself, with a house, a bridge, ports and a data folder of its own. */
async function openDemo(t: Test, page: string): Promise<Demo> {
  const clock = new FastClock(FACTOR, Date.now())
  const signals = new EventEmitter()
  const said: string[] = []
  const env = {
    T2M_API_PORT: '0',
    T2M_MQTT_EMBEDDED_PORT: String(await unusedPort()),
    T2M_DISCOVERY_PORT: '0',
    T2M_DATA_DIR: await tempFolder(t),
    T2M_DEVICE_TIMEOUT: '20s',
    T2M_LOG_LEVEL: 'silent',
  }
  const terminal = { out: (line: string) => void said.push(line), err: () => undefined, ask: async () => undefined }
  const options = { seed: '5', thermostats: '2' }
  const ended = demo({ words: [], options, flags: {}, env, signals, terminal, clock, devicePort: 80 }, { page })
  t.teardown(async () => {
    signals.emit('SIGTERM', 'SIGTERM')
    await ended
  })
  const guide = await eventually('it has said what to do', () => said.find((text) => text.includes('Page')))
  return { clock, guide }
}

t.test('from the demo to an automation', { skip: withoutBrowser() }, async (t) => {
  const built = await builtPage()
  const [{ clock, guide }, browser] = await Promise.all([openDemo(t, built), openBrowser(t)])
  const [, url = '', user, password = ''] = /Page +(\S+) +user (\S+), password (\S+)/.exec(guide) ?? []
  const { page, complaints } = await visit(t, browser, url, LOOK)
  await signIn(page, password, user)
  await page.getByRole('heading', { name: 'House', level: 1 }).waitFor()
  await turnsOnSecondFactor(t, page, clock, password)
  const temperature = await setsTemperature(page)
  await page.getByRole('link', { name: `Details of ${ROOM}` }).click()
  await page.getByRole('heading', { name: ROOM, level: 1 }).waitFor()
  const device = page.url()
  await seesGraph(t, page)
  await editsSchedule(page)
  const token = await makesToken(page)

  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const ask = async (path: string, init = {}) =>
    await (await fetch(`${url}api/v1/${path}`, { headers, signal: AbortSignal.timeout(10_000), ...init })).json()
  const [, serial = ''] = /#\/devices\/(\w+)/.exec(device) ?? []
  t.match(await ask(`devices/${serial}`), { state: { mode: 'heat', target_temperature: temperature } })
  const first = { time: '05:40', temperature: 17 }
  t.match(await ask(`devices/${serial}/schedule`), { floor: { tuesday: [first] } }, 'as the device has it')
  const body = JSON.stringify({ target_temperature: temperature + 1 })
  t.match(await ask(`devices/${serial}/state`, { method: 'PATCH', body }), {
    state: { target_temperature: temperature + 1 },
  })
  await page.getByRole('link', { name: 'House' }).click()
  await cardOf(page)
    .getByText(`${temperature + 1} °C`, { exact: true })
    .waitFor()
  t.strictSame(complaints, [])
})

const cardOf = (page: Page): Locator =>
  page.getByRole('article').filter({ has: page.getByRole('heading', { name: ROOM }) })

async function turnsOnSecondFactor(t: Test, page: Page, clock: FastClock, password: string): Promise<void> {
  await page.getByRole('link', { name: 'System' }).click()
  const region = page.getByRole('region', { name: 'Second factor' })
  await region.getByRole('button', { name: 'Set up a second factor' }).click()
  await region.getByRole('img', { name: 'QR code' }).waitFor()
  const text = (await region.getByText('Or type this in').textContent()) ?? ''
  const secret = /[A-Z2-7]{16,}/.exec(text)?.[0] ?? ''
  await region.getByLabel('Code of your authenticator app').fill(nextCode(secret, clock.now()))
  await region.getByRole('button', { name: 'Switch it on' }).click()
  await region.getByText('Sign-in asks for a code.').waitFor()
  t.equal(await region.getByRole('listitem').count(), 10, 'recovery codes')

  await page.getByRole('button', { name: 'Sign out' }).click()
  await signIn(page, password)
  const code = page.getByLabel('Code of your authenticator app')
  await code.waitFor()
  // The app shows another one.
  clock.jumpWall(30_000)
  await code.fill(nextCode(secret, clock.now()))
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByRole('heading', { name: 'System', level: 1 }).waitFor()
}

/** Returns the setpoint that the device has confirmed. */
async function setsTemperature(page: Page): Promise<number> {
  await page.getByRole('link', { name: 'House' }).click()
  const card = cardOf(page)
  const confirmed = () => card.getByText('waiting for the device').waitFor({ state: 'detached' })
  // In heat it is already, and to choose that again does nothing.
  for (const name of ['by schedule', 'heat']) {
    await shownAsWaiting(page, card, () => card.getByRole('button', { name }).click())
    await confirmed()
  }
  const setpoint = card.getByRole('group', { name: 'Setpoint' }).getByRole('button', { name: '°C' })
  const before = Number.parseFloat((await setpoint.textContent()) ?? '')
  await shownAsWaiting(page, card, () => card.getByRole('button', { name: 'Warmer' }).click())
  await confirmed()
  await card.getByText(`${before + 1} °C`, { exact: true }).waitFor()
  return before + 1
}

async function seesGraph(t: Test, page: Page): Promise<void> {
  const section = page.getByRole('region', { name: 'History' })
  await section.getByRole('img', { name: /^Graph from .* to / }).waitFor()
  await section.getByText(/Floor: .*\s°C to .*\s°C, on average .*\s°C\./).waitFor()
  const moment = section.getByRole('slider', { name: 'Moment in the graph' })
  t.ok(Number(await moment.getAttribute('max')) > 200, 'a day of moments')
}

async function editsSchedule(page: Page): Promise<void> {
  const section = page.getByRole('region', { name: 'Weekly schedule' })
  await section.getByRole('radio', { name: 'Tuesday' }).check({ force: true })
  await section.getByLabel('Temperature in °C').first().fill('17')
  await section.getByLabel('From', { exact: true }).first().fill('05:40')
  await section.getByRole('button', { name: 'Save' }).click()
  await section.getByText('The device has the schedule.').waitFor()
}

async function makesToken(page: Page): Promise<string> {
  await page.getByRole('link', { name: 'System' }).click()
  const region = page.getByRole('region', { name: 'API tokens' })
  await region.getByLabel('Name').fill('my automation')
  await region.getByLabel('Role').selectOption('control')
  await region.getByRole('button', { name: 'Create a token' }).click()
  return (await region.getByRole('status').getByRole('code').textContent()) ?? ''
}
