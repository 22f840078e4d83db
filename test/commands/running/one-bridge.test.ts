/** One data folder has one bridge, whatever became of the one before. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FolderLock } from '../../../src/store/database/folder-lock.ts'
import { MemoryLogger } from '../../mqtt/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { run, start, temporaryFolder } from '../support.ts'

const ENV = {
  T2M_LOG_FORMAT: 'json',
  T2M_API_ADMIN_PASSWORD: 'long enough',
  T2M_DISCOVERY_ENABLED: 'false',
  T2M_API_PORT: '0',
  T2M_MQTT_EMBEDDED_PORT: '0',
}

/** Resolves with the address of its API when the bridge runs. */
async function started(t: Test, dataDir: string) {
  const bridge = start(t, ['run', `--data_dir=${dataDir}`], { env: ENV })
  const [, url = ''] = await bridge.shows(/"api":"([^"]+)"[^\n]*thermo2mqtt is running/)
  t.match(readFileSync(join(dataDir, 'bridge.json'), 'utf8'), url, 'noted before it is said')
  return { ...bridge, url }
}

t.test('the second bridge ends at once and names the first, which goes on', async (t) => {
  const dataDir = temporaryFolder(t)
  const first = await started(t, dataDir)
  const { code, stdout, stderr } = await run(t, ['run', `--data_dir=${dataDir}`], { env: ENV })
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /^thermo2mqtt: The data folder [^\n]* is in use by another bridge: [^\n]+\n$/)
  t.match(stderr, `process ${first.child.pid} on ${hostname()}, since 20`)
  t.match(stderr, `its page at ${first.url}`)
  t.match(stderr, /data_dir, T2M_DATA_DIR/)
  t.equal((await fetch(`${first.url}/healthz`)).status, 200)

  // What is meant to run beside it does.
  const beside = await Promise.all([
    run(t, ['user', 'list', `--data_dir=${dataDir}`], { env: ENV }),
    run(t, ['keys', `--data_dir=${dataDir}`], { env: ENV }),
    run(t, ['config', `--data_dir=${dataDir}`], { env: ENV }),
    run(t, ['doctor', `--data_dir=${dataDir}`], { env: ENV }),
  ])
  t.same(
    beside.slice(0, 3).map(({ code }) => code),
    [0, 0, 0],
  )
  t.match(beside[3]?.stdout, /\[ok\] {3}\S+thermo2mqtt\.db opens/)

  first.child.kill('SIGTERM')
  await first.ended
  t.notOk(existsSync(join(dataDir, 'bridge.json')))
})

t.test('a bridge that was killed holds nothing up', async (t) => {
  const dataDir = temporaryFolder(t)
  const first = await started(t, dataDir)
  first.child.kill('SIGKILL')
  await first.ended
  t.match(JSON.parse(readFileSync(join(dataDir, 'bridge.json'), 'utf8')), { pid: first.child.pid })
  const second = await started(t, dataDir)
  t.equal((await fetch(`${second.url}/healthz`)).status, 200)
})

const unshared = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0

t.test(
  'process numbers of another container do not matter',
  { skip: !unshared && 'no right to make one' },
  async (t) => {
    const dataDir = temporaryFolder(t)
    const first = await started(t, dataDir)
    // A number that is somebody's in one of the two and nobody's in the other.
    writeFileSync(
      join(dataDir, 'bridge.json'),
      JSON.stringify({ pid: 1, host: 'box', since: '2026-01-31T06:00:00.000Z' }),
    )
    const main = join(import.meta.dirname, '../../../src/main.ts')
    const child = spawnSync('unshare', ['--pid', '--fork', process.execPath, main, 'run', `--data_dir=${dataDir}`], {
      env: { PATH: process.env.PATH, ...ENV },
      encoding: 'utf8',
    })
    t.equal(child.status, 1)
    t.match(child.stderr, /in use by another bridge: process 1 on box, since 2026-01-31 06:00 UTC\./)
    t.equal((await fetch(`${first.url}/healthz`)).status, 200)
  },
)

t.test('a lock is held once, through new starts in the process, and given back', async (t) => {
  const [dataDir, other] = [temporaryFolder(t), temporaryFolder(t)]
  const clock = new FakeClock()
  const logger = new MemoryLogger()
  const [first, second] = [new FolderLock(clock), new FolderLock(clock)]
  t.teardown(() => [first, second].map((lock) => lock.release()))
  first.take(dataDir, logger)
  first.take(dataDir, logger)
  const taken = { code: 'INTERNAL', message: /in use by another bridge/ }
  t.throws(() => second.take(dataDir, logger), taken)
  t.throws(() => second.take(dataDir, logger), taken, 'to ask for it does not make it free')
  first.take(other, logger)
  second.take(dataDir, logger)
  t.throws(() => second.take(other, logger), taken)
  t.same(logger.lines, [])
})

t.test('where nothing can be locked, that is said, and the house is heated', async (t) => {
  const dataDir = temporaryFolder(t)
  writeFileSync(join(dataDir, 'bridge.lock'), 'somebody put a text here, which is no lock at all')
  const logger = new MemoryLogger()
  const lock = new FolderLock(new FakeClock())
  lock.take(dataDir, logger)
  t.match(logger.lines, [{ level: 'warn', fields: { reason: 'SQLITE_NOTADB' }, message: /run only one/ }])
  lock.release()
})
