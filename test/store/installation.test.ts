import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createLogger } from '../../src/core/logger.ts'
import { SecretValues } from '../../src/core/secrets.ts'
import { adminPassword, clientId } from '../../src/store/installation.ts'
import { openStore } from '../../src/store/store.ts'
import { FakeClock } from '../support/fake-clock.ts'

function open(dataDir: string, keyFile?: string) {
  const secrets = new SecretValues()
  const logger = createLogger({ level: 'silent', secrets, write: () => {} })
  return openStore({ dataDir, keyFile, clock: new FakeClock(), logger, secrets })
}

t.test('the admin password is made once, shown once, and kept', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 't2m-'))
  const said: string[] = []
  const announce = (line: string) => said.push(line)
  const store = open(dataDir)
  const made = adminPassword(null, { store, announce })
  t.match(made, /^[\w-]{20}$/)
  t.match(said, [new RegExp(`shown only this once: ${made}`)])
  t.equal(adminPassword(null, { store, announce }), made)
  t.equal(adminPassword('configured', { store, announce }), 'configured', 'the settings win')
  store.close()

  const locked = open(dataDir, join(dataDir, 'another.key'))
  const forNow = adminPassword(null, { store: locked, announce })
  t.not(forNow, made)
  t.match(said[1], /For this run only/)
  locked.close()

  const again = open(dataDir)
  t.equal(adminPassword(null, { store: again, announce }), made, 'the right master key brings it back')
  t.equal(said.length, 2)
  again.close()
})

t.test('the client id stays', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 't2m-'))
  const store = open(dataDir)
  const made = clientId(store)
  t.match(made, /^thermo2mqtt-[0-9a-f]{8}$/)
  store.close()
  const again = open(dataDir)
  t.equal(clientId(again), made)
  again.close()
})
