/** What the house has used today and this month, at the top of its page. */
import type { Test } from 'tap'
import { type Scene, visitHouse } from '../scene.ts'

interface Answer {
  readonly timezone: string
  readonly parts: readonly { readonly from: string; readonly energy: number | null }[]
}

export async function tellsUse(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  // What is used meanwhile must not count: the page shows what REST has told it.
  // From an empty page, as an answer to the one before would be gone with it.
  await page.goto('about:blank')
  const answered = page.waitForResponse((response) => response.url().includes('/api/v1/energy?by=day'))
  await page.goto(scene.url)
  const { parts, timezone } = (await (await answered).json()) as Answer
  const monthOf = (iso: string) =>
    new Date(iso).toLocaleDateString('en', { year: 'numeric', month: 'long', timeZone: timezone })
  const last = parts.at(-1)
  const inMonth = parts.filter(({ from }) => monthOf(from) === monthOf(last?.from ?? ''))
  const sum = inMonth.reduce((all, { energy }) => all + (energy ?? 0), 0)
  t.ok(
    parts.some(({ energy }) => (energy ?? 0) > 0),
    'the past of the house has used some, if not yet in this month',
  )
  const top = page.getByRole('region', { name: 'The house now' })
  const fact = (name: string) =>
    top
      .locator('div')
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator('dd')
  const kWh = (energy: number) => `${energy.toFixed(1)} kWh`
  await fact('Today').getByText(/kWh/).waitFor()
  t.strictSame(
    [await fact('Today').textContent(), await fact('This month').textContent()],
    [kWh(last?.energy ?? 0), kWh(sum)],
  )
  t.strictSame(complaints, [])
}
