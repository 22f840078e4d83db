/** What somebody does with the schedules of several thermostats. Run by a test that has a scene already. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { unit } from '../../support/e2e.ts'
import { type Scene, violations, visitHouse } from './scene.ts'

export async function movesSchedules(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  const [ax, oz] = [unit(scene.house, 0), unit(scene.house, 1)]
  const floorOf = (device: typeof ax) => JSON.stringify(device.device.controller.floor.wire())
  const before = floorOf(oz)
  t.not(before, floorOf(ax))
  await page.getByRole('link', { name: `Details of ${ax.name}` }).click()
  const copy = page.getByRole('group', { name: 'Copy this schedule to other thermostats' })
  await copy.getByLabel(oz.name).check()
  await copy.getByRole('button', { name: 'Preview the changes' }).click()
  await copy.getByText('Nothing is written yet.').waitFor()
  await copy.getByText(/would be written: By floor temperature: .*Tuesday/).waitFor()
  t.equal(floorOf(oz), before, 'a look writes nothing')
  t.strictSame(await violations(page), [])
  await copy.getByRole('button', { name: 'Copy it now' }).click()
  await copy.getByText('Every thermostat has it, confirmed by reading it back.').waitFor()
  t.equal(floorOf(oz), floorOf(ax))

  await page.getByRole('link', { name: 'System' }).click()
  const house = page.getByRole('region', { name: 'Schedules of the house' })
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    house.getByRole('button', { name: 'Download the file' }).click(),
  ])
  t.equal(file.suggestedFilename(), 'thermo2mqtt-schedules.yaml')
  const text = await readFile(await file.path(), 'utf8')
  t.ok(text.includes(ax.serial) && text.includes(oz.serial))

  let files = 0
  const look = async (content: string) => {
    const path = join(scene.bridge.dataDir, `schedules-${++files}.yaml`)
    await writeFile(path, content)
    await house.getByLabel('File with schedules').setInputFiles(path)
    await house.getByRole('button', { name: 'Preview the changes' }).click()
  }
  await look('version: 1\nschedules: {OTHER-1: {floor: {}}}')
  await house.getByRole('alert').getByText('the file is from another house').waitFor()
  const sunday = '{ sunday: [{ time: "09:00", temperature: 24.4 }] }'
  await look(`version: 1\nschedules:\n  "${ax.serial}": { floor: ${sunday} }\n  "ELSEWHERE-1": { floor: ${sunday} }\n`)
  await house
    .getByText('would be written: By floor temperature: Sunday. Rounded to values it can hold: 24.4 → 24 °C.')
    .waitFor()
  await house.getByText('The bridge does not know this device.').waitFor()
  t.strictSame(await violations(page), [])
  await house.getByRole('button', { name: 'Write these schedules' }).click()
  await house.getByText('Some thermostats do not have all of it:').waitFor()
  t.same(ax.device.controller.floor.wire()['6'], [[540, 240]])
  t.strictSame(complaints, [])
}
