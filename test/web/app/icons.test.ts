/** The icons that devices show for the page once it is installed: all from one drawing. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openBrowser, visit, withoutBrowser } from '../browser/browser.ts'

const WEB = new URL('../../../src/web/', import.meta.url)

/** Corners are cut off by some systems, and then by their own form: what is behind reaches to the edge. */
const ICONS = [
  { name: 'icon-192.png', size: 192, corners: true },
  { name: 'icon-512.png', size: 512, corners: true },
  { name: 'icon-maskable.png', size: 512, corners: false },
  { name: 'apple-touch-icon.png', size: 180, corners: false },
] as const

/** As PNG. */
async function drawn(page: Page, { size, corners }: (typeof ICONS)[number]): Promise<Buffer> {
  const svg = readFileSync(new URL('icon.svg', WEB), 'utf8')
  const shape = corners ? svg : svg.replace(' rx="7"', '')
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px }</style>${shape}`)
  return page.screenshot({ omitBackground: true, clip: { x: 0, y: 0, width: size, height: size } })
}

/** The mean difference of their points, from 0 to 255. */
const difference = (page: Page, one: Buffer, other: Buffer) =>
  page.evaluate<number>(`(async () => {
    const points = async (data) => {
      const image = new Image()
      image.src = 'data:image/png;base64,' + data
      await image.decode()
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
      canvas.drawImage(image, 0, 0)
      return canvas.getImageData(0, 0, image.width, image.height).data
    }
    const [a, b] = [await points('${one.toString('base64')}'), await points('${other.toString('base64')}')]
    return a.length === b.length ? a.reduce((sum, value, at) => sum + Math.abs(value - b[at]), 0) / a.length : 255
  })()`)

t.test('icons', { skip: withoutBrowser() }, async (t) => {
  const browser = await openBrowser(t)
  const { page } = await visit(t, browser, 'about:blank', {
    viewport: { width: 600, height: 600 },
    deviceScaleFactor: 1,
  })
  for (const icon of ICONS) {
    const now = await drawn(page, icon)
    const file = new URL(`public/${icon.name}`, WEB)
    if (process.env.TEST_PICTURES) writeFileSync(file, now)
    const apart = await difference(page, now, readFileSync(file))
    t.ok(apart < 1, `${icon.name} is of the drawing, which TEST_PICTURES=1 makes it from: ${apart} apart`)
  }
})
