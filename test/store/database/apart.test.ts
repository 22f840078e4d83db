import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { runApart } from '../../../src/store/database/apart.ts'

/** A database in a folder of its own, and a path for its copy. */
function database(t: Test, bytes = 10): { from: string; to: string } {
  const folder = t.testdir()
  const from = join(folder, 'from.db')
  const db = new Database(from)
  db.exec('CREATE TABLE one (text TEXT) STRICT')
  db.prepare('INSERT INTO one VALUES (?)').run('x'.repeat(bytes))
  db.close()
  return { from, to: join(folder, 'to.db') }
}

t.test('what a process does is done when it says so', async (t) => {
  const { from, to } = database(t)
  await runApart('copies/copier', [from, to]).done
  const copy = new Database(to, { readonly: true })
  t.strictSame(copy.prepare('SELECT text FROM one').pluck().all(), ['xxxxxxxxxx'])
  copy.close()
})

t.test('what fails in it is told with its code', async (t) => {
  const { from, to } = database(t)
  await t.rejects(runApart('copies/copier', [from, from]).done, { code: 'EEXIST' })
  await t.rejects(runApart('database/checkpointer', [to]).done, { code: 'SQLITE_CANTOPEN' })
})

t.test('ended, it is gone, and that is told too', async (t) => {
  const { from, to } = database(t, 30_000_000)
  const copier = runApart('copies/copier', [from, to])
  await Promise.all([t.rejects(copier.done, /ended with SIGKILL/), copier.end()])
  await copier.end()
})

t.test('it does not outlive the bridge, whose folder the next one uses', async (t) => {
  const { from, to } = database(t, 30_000_000)
  const bridge = `import { runApart } from ${JSON.stringify(new URL('../../../src/store/database/apart.ts', import.meta.url).href)}
    import { existsSync } from 'node:fs'
    runApart('copies/copier', ${JSON.stringify([from, to])})
    setInterval(() => existsSync(${JSON.stringify(to)}) && process.kill(process.pid, 'SIGKILL'), 1)`
  t.equal(spawnSync(process.execPath, ['--input-type=module', '-e', bridge]).signal, 'SIGKILL')
  t.ok(existsSync(to))
})
