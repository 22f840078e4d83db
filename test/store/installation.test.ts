import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createLogger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { clientId } from '../../src/store/installation.ts'
import { openStore } from '../../src/store/store.ts'
import { FakeClock } from '../support/fake-clock.ts'

const secrets = new SecretValues()
const logger = createLogger({ level: 'silent', secrets, write: () => {} })

function open(dataDir: string, keyFile?: string) {
  return openStore({ dataDir, keyFile, clock: new FakeClock(), logger, secrets })
}

t.test('the client id stays', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 't2m-'))
  const store = open(dataDir)
  const made = clientId(store, logger)
  t.match(made, /^thermo2mqtt-[0-9a-f]{8}$/)
  store.close()
  const again = open(dataDir)
  t.equal(clientId(again, logger), made)
  again.close()
})
