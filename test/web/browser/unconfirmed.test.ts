import t from 'tap'
import { withoutBrowser } from './browser.ts'
import { openScene, violations, visitHouse } from './scene.ts'

t.test(
  'who is heard and can not be confirmed is said on the page, with what to do',
  { skip: withoutBrowser() },
  async (t) => {
    const scene = await openScene(t)
    const { page, complaints } = await visitHouse(t, scene)
    const serial = 'F00D4E8A89860609800000149'
    const since = new Date().toISOString()
    await page.route('**/api/v1/info', async (route) => {
      const response = await route.fetch()
      const info = await response.json()
      info.discovery.unconfirmed = [{ serial, host: '172.17.0.1', hw: 'ax', reason: 'empty', message: 'm', since }]
      await route.fulfill({ response, json: info })
    })
    await page.reload()
    const notice = page.getByRole('region', { name: 'Heard, but not confirmed' })
    await notice.getByText(`${serial}, from 172.17.0.1`).waitFor()
    await notice.getByText('Switch its power off and on').waitFor()
    t.strictSame(await violations(page), [])
    t.strictSame(complaints, [])
  },
)
