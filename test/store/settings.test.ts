import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openSettings } from '../../src/store/settings.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { logBook, open } from './support.ts'

/** The settings of a store that is there. */
function opened(t: Test, dataDir: string) {
  const log = logBook()
  const found = openSettings({ dataDir, clock: new FakeClock(), logger: log.logger, secrets: log.secrets })
  if (!found) throw new Error('there is no store')
  t.teardown(() => found.close())
  return { settings: found.settings, log, close: found.close }
}

function folder(t: Test): string {
  const dataDir = `${t.testdir()}/data`
  open(t, dataDir).store.close()
  return dataDir
}

const plain = (value: string | boolean) => ({ value, secret: false })
const secret = (value: string) => ({ value, secret: true })

t.test('without a store there are no settings, and none is made', async (t) => {
  const log = logBook()
  const dataDir = `${t.testdir()}/data`
  t.equal(openSettings({ dataDir, clock: new FakeClock(), logger: log.logger, secrets: log.secrets }), undefined)
  t.strictSame(log.problems(), [])
})

t.test('values are kept, secrets sealed and known to the log', async (t) => {
  const dataDir = folder(t)
  const first = opened(t, dataDir)
  first.settings.change(
    new Map([
      ['mqtt.username', plain('me')],
      ['mqtt.password', secret('hunter2-page')],
    ]),
  )
  first.close()
  const { settings, log } = opened(t, dataDir)
  t.strictSame(
    [...settings.all()],
    [
      ['mqtt.password', 'hunter2-page'],
      ['mqtt.username', 'me'],
    ],
  )
  t.equal(log.secrets.scrub('hunter2-page'), '********')
  for (const file of ['thermo2mqtt.db', 'thermo2mqtt.db-wal']) {
    t.notOk(readFileSync(join(dataDir, file)).includes('hunter2'), `${file} shows no secret`)
  }
})

t.test('what was changed can be taken back until it is confirmed, however many changes it was', async (t) => {
  const { settings } = opened(t, folder(t))
  settings.change(
    new Map([
      ['a', plain('1')],
      ['b', secret('hunter2-b')],
    ]),
  )
  t.ok(settings.unconfirmed)
  settings.confirm()
  t.notOk(settings.unconfirmed)
  settings.change(
    new Map([
      ['a', plain('2')],
      ['b', null],
      ['c', plain(true)],
    ]),
  )
  settings.change(
    new Map([
      ['a', secret('3')],
      ['c', null],
      ['d', plain(true)],
    ]),
  )
  t.strictSame(
    [...settings.all()],
    [
      ['a', '3'],
      ['d', true],
    ],
  )
  settings.undo()
  t.strictSame(
    [...settings.all()],
    [
      ['a', '1'],
      ['b', 'hunter2-b'],
    ],
  )
  t.notOk(settings.unconfirmed)
  settings.undo()
  t.strictSame(
    [...settings.all()],
    [
      ['a', '1'],
      ['b', 'hunter2-b'],
    ],
    'nothing to take back',
  )
})

t.test('with another master key the secrets cannot be read, and stay', async (t) => {
  const dataDir = folder(t)
  const key = readFileSync(join(dataDir, 'store.key'))
  const first = opened(t, dataDir)
  first.settings.change(
    new Map([
      ['mqtt.password', secret('hunter2-page')],
      ['mqtt.username', plain('me')],
    ]),
  )
  first.close()
  rmSync(join(dataDir, 'store.key'))
  const other = opened(t, dataDir)
  t.strictSame(
    [...other.settings.all()],
    [
      ['mqtt.password', undefined],
      ['mqtt.username', 'me'],
    ],
  )
  other.close()
  writeFileSync(join(dataDir, 'store.key'), key, { mode: 0o600 })
  t.equal(opened(t, dataDir).settings.all().get('mqtt.password'), 'hunter2-page')
})
