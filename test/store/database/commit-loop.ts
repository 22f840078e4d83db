/** Run as a process: commits for ever as the bridge does, printing each serial once it is on the disk. Meant to be killed. */
import { writeSync } from 'node:fs'
import { argv } from 'node:process'
import { SystemClock } from '../../../src/core/clock.ts'
import { openStore } from '../../../src/store/store.ts'
import { logBook } from '../support.ts'

const { logger, secrets } = logBook()
const store = openStore({ dataDir: argv[2] ?? '', clock: new SystemClock(), logger, secrets, free: true })
const device = {
  hw: 'ax',
  host: null,
  port: null,
  counterBase: null,
  learned: {},
  features: [],
  sources: ['account:home'],
}
for (let i = 0; ; i++) {
  const serial = `P${process.pid}-${i}`
  store.keys.put('home', [{ serial, key: serial.padStart(16, 'K') }])
  store.devices.save({ ...device, serial, name: serial })
  await store.durable()
  writeSync(1, `${serial}\n`)
}
