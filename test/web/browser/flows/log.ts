/** The log of a device: who set what, and what came of it. */
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { signIn as signInByRest } from '../../../support/api.ts'
import { ADMIN, eventually, unit } from '../../../support/e2e.ts'
import { goTo, type Scene, violations, visitHouse } from '../scene.ts'

/** What somebody may well call a token. */
const TOKEN = `${'Дуже довга назва 🔥 '.repeat(5)}<img src=x onerror=alert(1)>`.slice(-60)

export async function tellsWhoDidWhat(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  const ax = unit(scene.house, 0)
  const api = scene.url.replace(/\/$/, '')
  const { authorization } = await signInByRest(api, ADMIN)
  const set = async (value: object, by = authorization) => {
    const headers = { authorization: by, 'content-type': 'application/json' }
    const body = JSON.stringify(value)
    return (await fetch(`${api}/api/v1/devices/${ax.serial}/state`, { method: 'PATCH', headers, body })).status
  }
  // Long before the end of this mode somebody looks for who ended it.
  const oz = unit(scene.house, 1)
  const until = new Date(scene.clock.now() + 60_000).toISOString()
  await scene.bridge.mqtt.request('house', { mode: 'frost_protection', devices: [oz.serial], until })
  t.equal(await set({ mode: 'heat', target_temperature: 21 }), 200)
  await page.goto(`${scene.url}#/devices/${ax.serial}`)
  const log = page.getByRole('region', { name: 'Events' })
  const entries = log.getByRole('listitem')
  // A dial that is turned several times is one line, and shows by itself.
  for (const value of [22, 23, 24]) t.equal(await set({ target_temperature: value }), 200)
  await log.getByText(/admin set .*the temperature (from [\d.]+\s°C )?to 24\s°C/).waitFor()
  await log
    .getByText(/^\d+ times since /)
    .first()
    .waitFor()
  const turned = entries.filter({ hasText: /admin set .*temperature .*to 2[1-4]\s°C/ })
  await eventually('one line', async () => (await turned.count()) === 1)
  // What is refused, and by whom it was asked for.
  const headers = { authorization, 'content-type': 'application/json' }
  const made = await fetch(`${api}/api/v1/tokens`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: TOKEN, scopes: ['control'] }),
  })
  const { token } = (await made.json()) as { token: string }
  t.equal(await set({ preset: 'boost', boost_minutes: 60 }, `Bearer ${token}`), 200)
  await log.getByText('switched on boost for 1 hr').waitFor()
  t.equal(await set({ target_temperature: 90 }, `Bearer ${token}`), 400)
  const refused = entries.filter({ hasText: 'asked for the temperature 90 °C. Not done:' })
  await refused.waitFor()
  t.match(await refused.textContent(), TOKEN, 'as a text')
  t.match(await refused.textContent(), /can't be 90: allowed is/)
  t.equal(await set({ preset: 'none' }), 200)
  // A program, and an entity of Home Assistant.
  for (const [who, value, payload] of [
    ['MQTT', 17, '17'],
    ['Home Assistant', 18, '{"value": 18, "via": "home_assistant"}'],
  ] as const) {
    await scene.bridge.mqtt.publish(`${ax.serial}/set/target_temperature`, payload)
    await log.getByText(new RegExp(`${who} set the temperature .*to ${value}\\s°C`)).waitFor()
  }
  // Somebody at the device itself.
  await eventually('the bridge has read it after its own commands', async () => {
    ax.setLocally(23, (Number(ax.parameter(23)) + 1) % 9)
    await page.waitForTimeout(0)
    return (await log.getByText('Somebody at the device or in its app set Display brightness').count()) > 0
  })
  t.strictSame(await violations(page), [])
  const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  t.ok(typeof wide === 'number' && wide <= 0, 'fits')
  await tellsOfBridge(page, oz.serial)
  // The log of all says which device it was.
  await page.goto(`${scene.url}#/system`)
  const all = page.getByRole('region', { name: 'Events' })
  await all.getByRole('link', { name: ax.name }).first().waitFor()
  for (const name of ['Other', null]) await scene.bridge.rest('PATCH', `/api/v1/devices/${oz.serial}`, { name })
  // What somebody does, and what happens, stand beside each other.
  await all.getByText('Renamed').first().waitFor()
  t.equal(await all.locator('li:not(:has(> span > time:first-child))').count(), 0, 'each begins with when it was')
  t.match(await all.locator('time').last().textContent(), /^(\D+ )?\d\d:\d\d$/, 'as short as it stays clear')
  t.strictSame(await violations(page), [])
  t.strictSame(complaints, [])
}

/** What no test can wait for: a boost lasts five minutes at least, and a relay does the opposite only once in a while. */
const OWN = [
  ['boost_ends', 'The bridge (end of the boost) set the temperature from 30 °C to 21 °C'],
  ['boost_goes_on', 'The bridge (to keep up the boost) set the temperature from 30 °C to 21 °C'],
  ['relay_again', 'The bridge (because the device had done the opposite) set the temperature from 30 °C to 21 °C'],
] as const

const EVENTS = OWN.map(([why], id) => ({
  ...{ id, at: '2026-01-15T12:00:00.000Z', type: 'command', serial: null, account: null, message: '' },
  details: { by: { via: 'bridge', why }, what: 'state', values: { target_temperature: { from: 30, to: 21 } } },
}))

/** What the bridge did by itself, and why. */
async function tellsOfBridge(page: Page, serial: string) {
  const log = page.getByRole('region', { name: 'Events' })
  await goTo(page, `#/devices/${serial}`)
  await log.getByText(/MQTT \(with the mode “Frost protection”\) set /).waitFor()
  await log.getByText(/The bridge \(with the mode “Normal”\) set /).waitFor()
  await page.route('**/events?*', (route) => route.fulfill({ json: { events: EVENTS, next: null } }))
  await page.reload()
  for (const [, sentence] of OWN) await log.getByText(sentence).waitFor()
  await page.unroute('**/events?*')
}
