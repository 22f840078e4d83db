/** What somebody does on the page to look after the bridge. Run by a test that has a scene already. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import { Passwords } from '../../../src/api/auth/credentials/passwords.ts'
import { QUICK_PASSWORDS, signIn as signInByRest } from '../../support/api.ts'
import { ADMIN, eventually, unit } from '../../support/e2e.ts'
import { visit } from './browser.ts'
import { LOOK, type Scene, violations, visitHouse } from './scene.ts'

const NAME = '<img src=x onerror=alert(1)> Ванна'

export async function namesDevice(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  const oz = unit(scene.house, 1)
  await page.getByRole('link', { name: `Details of ${oz.name}` }).click()
  const region = page.getByRole('region', { name: 'Name' })
  await region.getByText('The name comes from its account.').waitFor()
  await region.getByLabel('Name of the device').fill(NAME)
  await region.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: NAME }).waitFor()
  await region.getByText(`It is now called ${NAME}.`).waitFor()
  const log = page.getByRole('region', { name: 'Events' })
  // By the stream, without anything being loaded anew.
  await log.getByText('Renamed').waitFor()
  await log.getByText(`${oz.name} is called ${NAME} now.`).waitFor()
  t.strictSame(await violations(page), [])
  await region.getByRole('button', { name: 'Remove this name' }).click()
  await page.getByRole('heading', { level: 1, name: oz.name }).waitFor()
  const keys = page.getByRole('region', { name: 'Locks and key' })
  await keys.getByText(/The bridge has a key to sign commands, from: \w+\./).waitFor()
  await keys.getByText(/^(Not used yet|Last accepted)/).waitFor()
  await page.getByRole('button', { name: 'Restart' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Restart' }).click()
  await page.getByRole('region', { name: 'Actions' }).getByText('Done').waitFor()
  t.strictSame(complaints, [])
}

/** What each language says when a copy has come in the place of the database; before anybody has signed in, too. */
const REPLACED = {
  'en-GB':
    /^The database of the bridge was damaged and has been replaced with a copy.*users, API tokens and settings.*2026/,
  'uk-UA':
    /^База даних моста була пошкоджена, і її місце зайняла копія.*користувачів, токени API та налаштування.*2026/,
  'ru-RU': /^База данных моста была повреждена, и её место заняла копия.*пользователей, токены API и настройки.*2026/,
}

export async function saysReplaced(t: Test, scene: Scene) {
  const store = { ok: false, code: 'store_replaced', since: '2026-03-14T15:09:26.000Z', detail: 'not shown' }
  for (const [locale, said] of Object.entries(REPLACED)) {
    const { page, complaints } = await visit(t, scene.browser, scene.url, { ...LOOK, locale })
    await page.route('**/readyz', (route) => route.fulfill({ status: 503, json: { ready: false, checks: { store } } }))
    await page.reload()
    const notice = page.getByText(said)
    await notice.waitFor()
    t.match(
      await notice.textContent(),
      /14.*17:09|17:09.*14/,
      `${locale}: with the time of the copy, in the zone of here`,
    )
    t.strictSame(await violations(page), [])
    t.strictSame(complaints, [])
  }
}

export async function seesKeys(t: Test, scene: Scene) {
  const { page } = await visitHouse(t, scene)
  await page.getByRole('link', { name: 'Accounts' }).click()
  const region = page.getByRole('region', { name: 'Stored keys' })
  await region.getByRole('link', { name: unit(scene.house, 0).name }).waitFor()
  const text = (await region.textContent()) ?? ''
  t.match(text, '********')
  t.strictSame(
    scene.house.thermostats.filter(({ key }) => text.includes(key)).map(({ name }) => name),
    [],
    'masked',
  )
}

export async function changesPassword(t: Test, scene: Scene) {
  const [before, after] = ['the-password-before', 'the-password-after']
  const store = new Database(join(scene.bridge.dataDir, 'thermo2mqtt.db'))
  const hash = await new Passwords(QUICK_PASSWORDS).hash(before)
  store.prepare('INSERT INTO users (name, password, created) VALUES (?, ?, 0)').run('olena', hash)
  store.close()
  const { page, complaints } = await visitHouse(t, scene, {}, { user: 'olena', password: before })
  const other = await signInByRest(scene.url.slice(0, -1), before, 'olena')
  await page.getByRole('link', { name: 'System' }).click()
  const region = page.getByRole('region', { name: 'Password' })
  const fill = async (current: string, next: string, again: string) => {
    await region.getByLabel('Current password').fill(current)
    await region.getByLabel('New password', { exact: true }).fill(next)
    await region.getByLabel('Repeat the new password').fill(again)
  }
  await fill(before, after, 'another one')
  await region.getByText('The two do not match.').waitFor()
  await fill('not the password', after, after)
  await region.getByRole('button', { name: 'Change the password' }).click()
  await region.getByRole('alert').getByText('The password is wrong.').waitFor()
  await fill(before, after, after)
  await region.getByRole('button', { name: 'Change the password' }).click()
  await region.getByText('your other sessions are ended').waitFor()
  const response = await fetch(`${scene.url}api/v1/me`, { headers: { ...other } })
  t.equal(response.status, 401, 'they are')
  await page.reload()
  await page.getByRole('heading', { name: 'System' }).waitFor()
  t.strictSame(complaints, [])
}

export async function looksAfterBridge(t: Test, scene: Scene) {
  const { page, complaints } = await visitHouse(t, scene)
  await page.getByRole('link', { name: 'System' }).click()
  const state = page.getByRole('region', { name: 'State' })
  await state.getByText('0.0.0-e2e').waitFor()
  await state.getByText('The bridge’s own broker').waitFor()
  await state.getByText('Uptime').waitFor()
  await page.getByText('The password is set in the settings').waitFor()

  const diagnostics = page.getByRole('region', { name: 'Diagnostics' })
  await diagnostics.getByRole('button', { name: 'Create and view it' }).click()
  const shown = await diagnostics.getByLabel('Contents of the file').inputValue()
  t.match(JSON.parse(shown), { note: /masked/, devices: [{ serial: 'serial-1' }] })
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    diagnostics.getByRole('button', { name: 'Download the file' }).click(),
  ])
  t.match(file.suggestedFilename(), /^thermo2mqtt-diagnostics-[\d-]+\.json$/)
  t.equal(await readFile(await file.path(), 'utf8'), shown, 'what is downloaded is what was shown')

  const passphrase = 'a passphrase for the page'
  const backup = page.getByRole('region', { name: 'Backup' })
  await backup.getByLabel('Passphrase of the backup').fill(passphrase)
  await backup.getByLabel('Repeat the passphrase').fill(passphrase)
  await backup.getByLabel('Your password').fill(ADMIN)
  const [made] = await Promise.all([
    page.waitForEvent('download'),
    backup.getByRole('button', { name: 'Make a backup' }).click(),
  ])
  await backup.getByText(/^The backup thermo2mqtt-.*\.tar\.age is ready/).waitFor()
  const path = join(scene.bridge.dataDir, 'house.tar.age')
  await made.saveAs(path)

  await page.getByRole('heading', { name: 'Changes, and who made them' }).click()
  for (const done of ['Made a backup', 'Created a diagnostics file']) await page.getByText(done).first().waitFor()

  const restore = page.getByRole('region', { name: 'Restore' })
  const photo = join(scene.bridge.dataDir, 'photo.jpg')
  await writeFile(photo, Buffer.alloc(5000, 0xff))
  const upload = async (name: string) => {
    await restore.getByLabel('Backup file').setInputFiles(name)
    await restore.getByRole('button', { name: 'Upload and check it' }).click()
  }
  await upload(photo)
  await restore.getByRole('alert').getByText('This is not a backup of thermo2mqtt. Nothing was changed.').waitFor()
  await upload(path)
  await restore.getByText('The file has arrived. Its passphrase opens it.').waitFor()
  t.strictSame(await violations(page), [])
  const open = async (words: string) => {
    await restore.getByLabel('Passphrase of the backup').fill(words)
    await restore.getByLabel('Your password').fill(ADMIN)
    await restore.getByRole('button', { name: 'Restore it now' }).click()
  }
  await open('another passphrase')
  await restore.getByText('The passphrase is wrong, or the backup was changed. Nothing was changed.').waitFor()
  await open(passphrase)
  await restore.getByText(/^Restored: 3 devices/).waitFor()
  await eventually('the audit log has it', async () =>
    (await scene.bridge.rest('GET', '/api/v1/audit')).text.includes('restoreBackup'),
  )
  t.strictSame(complaints, [])
}

/** A newer version is one line with a link to its notes. */
export async function seesNewer(t: Test, scene: Scene): Promise<void> {
  const { page, complaints } = await visitHouse(t, scene)
  const notes = 'https://github.com/thermo2mqtt/thermo2mqtt/releases/tag/v9.0.0'
  await page.route('**/api/v1/info', async (route) => {
    const response = await route.fetch()
    const update = { available: true, latest_version: '9.0.0', release_url: notes, release_summary: '' }
    await route.fulfill({ response, json: { ...(await response.json()), update } })
  })
  await page.getByRole('link', { name: 'System' }).click()
  await page.getByText('Version 9.0.0 is available.').waitFor()
  t.equal(await page.getByRole('link', { name: 'What is new' }).getAttribute('href'), notes)
  t.strictSame(await violations(page), [])
  t.strictSame(complaints, [])
}
