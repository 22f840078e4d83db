/** Run as a process: copies a database, and says so once the copy has begun. Meant to be killed. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { DailyCopies } from '../../../src/store/copies/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { logBook } from '../support.ts'

const dataDir = argv[2] ?? ''
const database = join(dataDir, 'thermo2mqtt.db')
const unfinished = join(dataDir, 'copies', 'unfinished')
const clock = new FakeClock()
new DailyCopies({ database, clock, logger: logBook().logger, onDamaged: () => undefined }).start()
void clock.advance(30_000)
const begun = setInterval(() => {
  if (!existsSync(unfinished) || statSync(unfinished).size === 0) return
  clearInterval(begun)
  process.stdout.write('begun\n')
}, 1)
