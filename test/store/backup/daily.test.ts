import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { DailyBackups } from '../../../src/store/backup/daily.ts'
import { backupMetrics } from '../../../src/store/metrics.ts'
import { contentOf, fill, machine, PASSPHRASE } from './support.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Change {
  readonly passphrase?: string | null
  readonly keep?: number
  readonly site?: string
  readonly folder?: string
}

function daily(t: Test, here: ReturnType<typeof machine>, change: Change = {}) {
  const folder = change.folder ?? join(here.dataDir, 'backups')
  const make = (passphrase: string) => {
    if (broken.error) throw broken.error
    return here.backups.make(passphrase)
  }
  const broken: { error: Error | undefined } = { error: undefined }
  const backups = new DailyBackups({
    ...{ backups: { make: async (passphrase: string) => await make(passphrase) }, clock: here.clock },
    ...{ logger: here.log.logger, passphrase: PASSPHRASE, keep: 3, site: '', folder, ...change },
  })
  t.teardown(() => backups.stop())
  backups.start()
  /** Lets time pass, and waits for the backup that is due then. */
  const pass = async (ms: number) => {
    await here.clock.advance(ms)
    await backups.idle()
    await here.clock.advance(0)
  }
  return { backups, broken, folder, pass, there: () => readdirSync(folder).sort() }
}

t.test('a backup each day, which opens with the passphrase, and some of them are kept', async (t) => {
  const here = machine(t, t.testdir({}))
  fill(here)
  const { backups, folder, pass, there } = daily(t, here)
  t.strictSame(backups.status, { enabled: true, last: null, failing: false })
  await pass(10 * MINUTE)
  t.strictSame(there(), ['thermo2mqtt-2026-01-15T12-10-00.tar.age'])
  t.equal(backups.status.last, here.clock.now())
  const [name = ''] = there()
  t.equal(statSync(join(folder, name)).mode & 0o777, 0o600)
  t.strictSame(
    [...(await contentOf(readFileSync(join(folder, name)))).keys()],
    ['backup.json', 'store.key', 'thermo2mqtt.db'],
  )
  writeFileSync(join(folder, 'holiday.jpg'), 'x')
  for (let hour = 0; hour < 23; hour++) await pass(HOUR)
  t.equal(there().length, 2, 'not more often')
  for (let hour = 0; hour < 4 * 24; hour++) await pass(HOUR)
  t.strictSame(there(), [
    'holiday.jpg',
    'thermo2mqtt-2026-01-17T12-10-00.tar.age',
    'thermo2mqtt-2026-01-18T12-10-00.tar.age',
    'thermo2mqtt-2026-01-19T12-10-00.tar.age',
  ])
  t.strictSame(here.log.problems(), [])
})

t.test('without a passphrase nothing is made, and no timer runs', async (t) => {
  const here = machine(t, t.testdir({}))
  const { waiting } = here.clock
  const { backups } = daily(t, here, { passphrase: null })
  t.equal(here.clock.waiting, waiting)
  t.strictSame(backups.status, { enabled: false, last: null, failing: false })
  t.strictSame(backupMetrics(backups.status, 0), [])
})

t.test('a restart makes no other; one from the future, of a wrong clock, does not count', async (t) => {
  const here = machine(t, t.testdir({ backups: {} }))
  const first = daily(t, here)
  await first.pass(10 * MINUTE)
  first.backups.stop()
  const again = daily(t, here)
  t.equal(again.backups.status.last, here.clock.now())
  await again.pass(HOUR)
  t.equal(again.there().length, 1)
  again.backups.stop()
  rmSync(join(again.folder, again.there()[0] ?? ''))
  writeFileSync(join(again.folder, 'thermo2mqtt-2031-01-01T00-00-00.tar.age'), 'x')
  const third = daily(t, here)
  await third.pass(HOUR)
  t.equal(third.there().length, 2)
  const age = backupMetrics(third.backups.status, here.clock.now() + 5_000)
  t.match(age, [{ samples: [{ value: 1 }] }, { samples: [{ value: Number }] }])
})

t.test('sites share a folder and leave the backups of each other', async (t) => {
  const here = machine(t, t.testdir({}))
  const folder = join(here.dataDir, 'shared')
  mkdirSync(folder)
  const others = ['2026-01-01T00-00-00', '2026-01-02T00-00-00'].map((at) => `thermo2mqtt-lviv-${at}.tar.age`)
  for (const name of [...others, 'thermo2mqtt-2026-01-01T00-00-00.tar.age']) writeFileSync(join(folder, name), 'x')
  const { pass, there } = daily(t, here, { site: 'kyiv', folder, keep: 1 })
  await pass(10 * MINUTE)
  for (let hour = 0; hour < 24; hour++) await pass(HOUR)
  t.strictSame(there(), [
    'thermo2mqtt-2026-01-01T00-00-00.tar.age',
    'thermo2mqtt-kyiv-2026-01-16T12-10-00.tar.age',
    ...others,
  ])
})

t.test('a failure is said once, leaves nothing half, and is tried again every hour', async (t) => {
  const here = machine(t, t.testdir({}))
  const { backups, broken, pass, there } = daily(t, here)
  broken.error = Object.assign(new Error('no room'), { code: 'ENOSPC' })
  await pass(10 * MINUTE)
  await pass(HOUR)
  t.match(here.log.problems(), [{ msg: /The daily backup can't be made in .*\(ENOSPC\)\. .*tries again every hour/ }])
  t.equal(here.log.problems().length, 1)
  t.strictSame(backups.status, { enabled: true, last: null, failing: true })
  t.match(backupMetrics(backups.status, 0), [{ samples: [{ value: 0 }] }, { samples: [] }])
  broken.error = undefined
  await pass(HOUR)
  t.equal(there().length, 1)
  t.equal(backups.status.failing, false)
  t.match(here.log.lines.at(-1), { msg: 'The daily backup is made again.' })
})

t.test('one that is made by hand at that moment is no failure', async (t) => {
  const here = machine(t, t.testdir({}))
  const { backups, broken, pass, there } = daily(t, here)
  broken.error = new BridgeError('RATE_LIMITED', 'A backup is being made.')
  await pass(10 * MINUTE)
  t.equal(backups.status.failing, false)
  broken.error = undefined
  await pass(HOUR)
  t.equal(there().length, 1)
  t.strictSame(here.log.problems(), [])
})

t.test('a folder that can’t be written', { skip: process.getuid?.() === 0 && 'root can' }, async (t) => {
  const here = machine(t, t.testdir({ backups: {} }))
  const { backups, folder, pass } = daily(t, here)
  chmodSync(folder, 0o500)
  t.teardown(() => chmodSync(folder, 0o700))
  await pass(10 * MINUTE)
  t.equal(backups.status.failing, true)
})
