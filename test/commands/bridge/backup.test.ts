import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { backup, restore } from '../../../src/commands/bridge/backup.ts'
import { UsageError } from '../../../src/commands/command.ts'
import { SystemClock } from '../../../src/core/clock.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { openStore } from '../../../src/store/store.ts'
import { call } from '../support.ts'

const SERIAL = '404CCAAAD4E8A89860609800000149'
const KEY = 'AAD4EXAJX4E8A8XT'
const PASSPHRASE = 'of this test alone'
const QUICK = 1

function storeIn(dataDir: string) {
  const secrets = new SecretValues()
  const logger = createLogger({ level: 'silent', secrets, write: () => undefined })
  return openStore({ dataDir, clock: new SystemClock(), logger, secrets })
}

t.test('everything moves to another machine', async (t) => {
  const folder = t.testdir({ phrase: `${PASSPHRASE}\nmore` })
  const [here, there, file] = ['here', 'there', 'file'].map((name) => join(folder, name)) as [string, string, string]
  const at = (dataDir: string, answers: string[] = [], options: Record<string, string> = {}) =>
    call({ flags: { data_dir: dataDir }, options: { file, ...options }, answers })
  await t.rejects(backup(at(here, [PASSPHRASE, PASSPHRASE]), QUICK), { message: /nothing to back up/ })
  const store = storeIn(here)
  store.keys.put('home', [{ serial: SERIAL, key: KEY }])
  // The bridge may run meanwhile.
  const made = at(here, [PASSPHRASE, PASSPHRASE])
  t.equal(await backup(made, QUICK), 0)
  t.match(made.terminal.text, /encrypted \(\d+ KiB\)/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.notMatch(readFileSync(file, 'latin1'), KEY)
  t.match(store.audit.page(1, null), [{ action: 'backup', via: 'machine' }])
  store.close()
  await t.rejects(backup(at(here, [PASSPHRASE, PASSPHRASE]), QUICK), UsageError, 'nothing is written over')
  await t.rejects(backup(at(here, ['short', 'short'], { file: `${file}2` }), QUICK), UsageError)

  mkdirSync(there)
  await t.rejects(restore(at(there, ['another passphrase'])), { code: 'BAD_REQUEST', message: /passphrase is wrong/ })
  await t.rejects(restore(at(there, [PASSPHRASE], { file: `${file}9` })), UsageError)
  const running = storeIn(there)
  const waits = at(there, [], { 'passphrase-file': join(folder, 'phrase') })
  t.equal(await restore(waits), 0)
  t.match(waits.terminal.text, /1 key, [\s\S]*at the next start of the bridge\./)
  t.match(waits.terminal.errs.at(-1), /another process uses the store/)
  t.equal(running.keys.all().length, 0, 'nothing changes under its feet')
  running.close()
  const restored = at(there, [PASSPHRASE])
  t.equal(await restore(restored), 0)
  t.match(restored.terminal.text, /It is in force/)
  const after = storeIn(there)
  t.match(after.keys.all(), [{ serial: SERIAL, key: KEY }])
  after.close()
  writeFileSync(file, readFileSync(file).subarray(0, -1))
  await t.rejects(restore(at(there, [PASSPHRASE])), {
    code: 'BAD_REQUEST',
    message: /is incomplete, or it was changed/,
  })
  await t.rejects(restore(call({ flags: { data_dir: there }, options: {} })), UsageError)
})
