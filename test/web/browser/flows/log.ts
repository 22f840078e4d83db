/** The log of a device: who set what, and what came of it. */
import type { Test } from 'tap'
import { signIn as signInByRest } from '../../../support/api.ts'
import { ADMIN, eventually, unit } from '../../../support/e2e.ts'
import { type Scene, violations, visitHouse } from '../scene.ts'

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
  // Somebody at the device itself.
  await eventually('the bridge has read it after its own commands', async () => {
    ax.setLocally(23, (Number(ax.parameter(23)) + 1) % 9)
    await page.waitForTimeout(0)
    return (await log.getByText('Somebody at the device or in its app set Display brightness').count()) > 0
  })
  t.strictSame(await violations(page), [])
  const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  t.ok(typeof wide === 'number' && wide <= 0, 'fits')
  // The log of all says which device it was.
  await page.goto(`${scene.url}#/system`)
  const all = page.getByRole('region', { name: 'Events' })
  await all.getByRole('link', { name: ax.name }).first().waitFor()
  for (const name of ['Other', null])
    await scene.bridge.rest('PATCH', `/api/v1/devices/${unit(scene.house, 1).serial}`, { name })
  // What somebody does, and what happens, stand beside each other.
  await all.getByText('Renamed').first().waitFor()
  t.equal(await all.locator('li:not(:has(> span > time:first-child))').count(), 0, 'each begins with when it was')
  t.match(await all.locator('time').last().textContent(), /^(\D+ )?\d\d:\d\d$/, 'as short as it stays clear')
  t.strictSame(await violations(page), [])
  t.strictSame(complaints, [])
}
