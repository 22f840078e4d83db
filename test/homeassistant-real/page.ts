/** The page of a thermostat as a person sees it, in a browser. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { chromium } from 'playwright-core'
import { type Check, entityId, must, type World } from './check.ts'
import { until } from './processes.ts'

const BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** With the floor sensor at work, in a window as wide as that of a laptop. */
async function devicePage(world: World): Promise<string> {
  const { home, house, picture } = world
  if (!picture) return 'not wanted: --picture=<file> takes it'
  must(existsSync(BROWSER), `there is no ${BROWSER}; CHROMIUM names another one`)
  const serial = house.house.thermostats[1]?.serial ?? ''
  const device = await until('the device', async () =>
    (await home.devices()).find(({ identifiers }) => identifiers.some(([, id]) => id.endsWith(serial))),
  )
  for (const key of ['energy', 'timer_setpoint'])
    await until(key, () => entityId(world, serial, key).catch(() => false))
  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1320 } })
    await page.addInitScript((tokens) => localStorage.setItem('hassTokens', tokens), JSON.stringify(home.tokens))
    await page.goto(`${home.url}/config/devices/device/${device.id}`)
    await page.getByText('Floor temperature').first().waitFor({ timeout: 60_000 })
    await page.getByText('Child lock').first().waitFor()
    await page.waitForTimeout(2_000)
    mkdirSync(dirname(picture), { recursive: true })
    await page.screenshot({ path: picture })
  } finally {
    await browser.close()
  }
  return picture
}

export const pageChecks: readonly Check[] = [{ name: 'device page', tried: 'an OZ in a browser', run: devicePage }]
