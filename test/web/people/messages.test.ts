/** Messages to people as one sets them up and tries them, on the page in a real browser. */
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { EventBus } from '../../../src/core/events.ts'
import type { DeviceEvents } from '../../../src/devices/ports.ts'
import { channelsOf } from '../../../src/messages/channels.ts'
import { Messages } from '../../../src/messages/index.ts'
import { fakes, PASSWORD, running } from '../../api/support.ts'
import { SETTINGS, service } from '../../messages/rig.ts'
import { PASSWORD as MAIL_PASSWORD, mailServer, settingsOf, USER } from '../../messages/smtp.ts'
import { eventually } from '../../support/e2e.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { builtPage, openBrowser, visit, withoutBrowser } from '../browser/browser.ts'
import { LOOK, signIn, violations } from '../browser/scene.ts'
import { startEmpty } from './empty.ts'

const TELEGRAM = '123456789:AAabcdefghijklmnopqrstuvwxyz'
const MINE = 'vier bunte Gurken'
const RECIPIENT = 'owner@example.com'

const panelOf = (page: Page) => page.getByRole('region', { name: 'Messages', exact: true })

/** Presses the button, and returns what is said of each way. */
async function tried(page: Page, ways: number): Promise<string[]> {
  const panel = panelOf(page)
  const lines = panel.getByRole('listitem')
  await panel.getByRole('button', { name: 'Send a test message' }).click()
  await eventually('each way is told of', async () => (await lines.count()) === ways)
  return lines.allInnerTexts()
}

t.test('the test button says of each way what came of it', { skip: withoutBrowser() }, async (t) => {
  const ntfy = await service(t, { status: 200 })
  const telegram = await service(t, { status: 200 })
  const hook = await service(t, { status: 204 })
  let refuses = false
  const mail = await mailServer(t, { recipients: () => (refuses ? '550 5.1.1 No such user' : undefined) })
  const channels = channelsOf(
    {
      ntfy: { topic_url: `${ntfy.url}/topic`, token: null },
      telegram: { token: TELEGRAM, chat: '1' },
      email: { ...settingsOf(mail.port), to: [RECIPIENT] },
      webhook: { hook_url: `${hook.url}/hook`, template: null },
    },
    telegram.url,
  )
  const parts = fakes()
  const messages = new Messages({
    ...{ clock: new FakeClock(), logger: parts.logger, events: new EventBus<DeviceEvents>(() => undefined), channels },
    ...{ settings: SETTINGS, memory: { get: () => undefined, set: () => undefined }, site: '' },
  })
  const system = () => ({ ...parts.system(), messages: { enabled: true, waiting: 3, failing: ['email' as const] } })
  const api = await running({ page: await builtPage(), messages, system })
  t.teardown(api.close)
  const { page, complaints } = await visit(t, await openBrowser(t), `http://127.0.0.1:${api.port}/#/system`, LOOK)
  await signIn(page, PASSWORD)
  await panelOf(page).getByText('3 waiting to be sent.').waitFor()
  await panelOf(page).getByText('Not taken last by: E-mail.').waitFor()

  const held = Promise.withResolvers<void>()
  await page.route('**/messages/test', (route) => held.promise.then(() => route.continue()), { times: 1 })
  const waits = panelOf(page).getByText('Sending…').waitFor().finally(held.resolve)
  t.strictSame(await tried(page, 4), [
    ...['ntfy: sent.', 'Telegram: sent.', `E-mail (${RECIPIENT}): sent.`, 'Webhook: sent.'],
  ])
  await waits
  t.match(mail.mails, [{ subject: 'thermo2mqtt: This is a test message. Messages of the bridge arrive here.' }])
  t.match(
    [ntfy, telegram, hook].map(({ received }) => received.length),
    [1, 1, 1],
  )

  refuses = true
  Object.assign(ntfy.answer, { status: 403, body: '{"error":"forbidden"}' })
  Object.assign(telegram.answer, { status: 400, body: '{"description":"Bad Request: chat not found"}' })
  Object.assign(hook.answer, { status: 500 })
  const said = await tried(page, 4)
  for (const [index, words] of [
    /^ntfy: not sent\.\s+It answers with status 403: forbidden\.$/,
    /^Telegram: not sent\.\s+It answers with status 400: Bad Request: chat not found\.$/,
    /^E-mail \(owner@example\.com\): not sent\.\s+The mail server refuses the recipient.*550 5\.1\.1 No such user/,
    /^Webhook: not sent\.\s+It answers with status 500\.$/,
  ].entries())
    t.match(said[index], words)
  t.strictSame(await violations(page), [])

  for (const { close } of [ntfy, telegram, hook, mail]) await close()
  for (const line of await tried(page, 4)) t.match(line, /: not sent\.\s+It can't be reached \(ECONNREFUSED\)\./)
  t.strictSame(complaints, [])
})

t.test('ways, quiet hours and what messages are about are set on the page', { skip: withoutBrowser() }, async (t) => {
  const { browser, url } = await startEmpty(t, { T2M_API_ADMIN_PASSWORD: MINE })
  const ntfy = await service(t, { status: 200 })
  const mail = await mailServer(t, { authOptional: false })
  const { page, complaints } = await visit(t, browser, `${url}#/system`, LOOK)
  await signIn(page, MINE)
  await panelOf(page).getByText('No way for messages is set up yet').waitFor()
  await panelOf(page).getByRole('link', { name: 'All settings' }).click()
  const group = page.getByRole('group').filter({ has: page.getByRole('heading', { name: 'Messages', exact: true }) })
  await group.getByRole('heading', { name: 'Messages' }).click()
  const save = async (fields: Readonly<Record<string, string>>) => {
    for (const [label, text] of Object.entries(fields)) await group.getByLabel(label, { exact: true }).fill(text)
    await group.getByRole('button', { name: 'Save', exact: true }).click()
  }
  await refusesHalves(t, page, save)
  await save({
    'Quiet hours from': '22:00',
    'Quiet hours until': '07:00',
    'Repeat after': '1d',
    'What messages are about': 'findings, overheated',
    'ntfy: address of the topic': `${ntfy.url}/topic`,
    'Webhook: address': `http://127.0.0.1:${await unusedPort()}/hook`,
    'Webhook: JSON to send': '{"say": "{text}"}',
    'E-mail: mail server': '127.0.0.1',
    'E-mail: port': String(mail.port),
    'E-mail: user name': USER,
    'E-mail: password': 'not that one',
    'E-mail: recipients': RECIPIENT,
  })
  await page.getByText('Saved and in effect.').waitFor()
  await page.reload()
  await group.getByRole('heading', { name: 'Messages' }).click()
  t.equal(await group.getByLabel('Quiet hours from', { exact: true }).inputValue(), '22:00')
  t.equal(await group.getByLabel('E-mail: password', { exact: true }).inputValue(), '', 'a password is never shown')
  t.strictSame(await violations(page), [])

  await page.goto(`${url}#/system`)
  const said = await tried(page, 3)
  t.strictSame(said[0], 'ntfy: sent.')
  t.match(said[1], /not sent\.\s+The mail server refuses the user name or the password \(535 /)
  t.match(said[2], /^Webhook: not sent\.\s+It can't be reached \(ECONNREFUSED\)/)

  await page.goto(`${url}#/settings`)
  await group.getByRole('heading', { name: 'Messages' }).click()
  await group.getByRole('button', { name: 'Reset to default: Webhook: address' }).click()
  await save({ 'E-mail: password': MAIL_PASSWORD, 'Webhook: JSON to send': '' })
  await page.getByText('Saved and in effect.').waitFor()
  await page.goto(`${url}#/system`)
  t.strictSame(await tried(page, 2), ['ntfy: sent.', `E-mail (${RECIPIENT}): sent.`])
  t.match(mail.mails, [{ envelope: { from: USER, to: [RECIPIENT] } }])
  t.strictSame(
    complaints.filter((text) => !/net::ERR_/.test(text)),
    [],
  )
})

type Save = (fields: Readonly<Record<string, string>>) => Promise<void>

/** What can't work is refused where it was typed, with why, and is still there to be completed. */
async function refusesHalves(t: Test, page: Page, save: Save) {
  const rows: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{ 'Quiet hours from': '25:00' }, /is not a time of day/],
    [{ 'Quiet hours from': '22:00' }, /quiet_from: given without messages\.quiet_to/],
    [{ 'Quiet hours until': '07:00', 'Repeat after': '1m' }, /is too short/],
    [{ 'Repeat after': '1d', 'What messages are about': '!' }, /is not a kind of event/],
    [{ 'What messages are about': 'faults', 'Telegram: chat': '1' }, /chat: given without messages\.telegram\.token/],
    [{ 'Telegram: chat': '', 'E-mail: mail server': 'mail.example' }, /host: given without messages\.email\.to/],
    [{ 'E-mail: recipients': 'owner' }, /is not a mail address/],
    [{ 'E-mail: recipients': RECIPIENT }, /from: missing, and messages\.email\.user is no mail address/],
    [{ 'E-mail: sender': USER, 'Webhook: JSON to send': '{text}' }, /is not JSON with its gaps inside of texts/],
  ]
  for (const [fields, words] of rows) {
    await save(fields)
    await page.getByRole('alert').getByText(words).waitFor()
  }
  t.equal(
    await page.getByLabel('E-mail: recipients', { exact: true }).inputValue(),
    RECIPIENT,
    'what was typed is still there',
  )
}
