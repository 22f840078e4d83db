import { createApp } from '../app.ts'
import { loadSettings } from '../config/index.ts'
import { SystemClock } from '../core/clock.ts'
import { readVersion } from '../version.ts'
import type { CommandInput } from './index.ts'
import { openLog, untilSignal } from './process.ts'

/** The bridge, until a signal ends it or a request restarts it. */
export async function run({ flags, env, signals }: CommandInput): Promise<number> {
  const loaded = await loadSettings({ flags, env })
  const { logger, secrets } = await openLog(loaded)
  let restart = () => {}
  const restarted = new Promise<string>((resolve) => {
    restart = () => resolve('a request to restart')
  })
  const app = createApp({
    settings: loaded.settings,
    version: readVersion(),
    clock: new SystemClock(),
    random: Math.random,
    logger,
    secrets,
    restart,
    announce: (line) => void process.stdout.write(`${line}\n`),
  })
  const ended = Promise.race([untilSignal(signals), restarted])
  await app.start()
  const reason = await ended
  logger.info({ reason }, 'stopping')
  await app.stop()
  return 0
}
