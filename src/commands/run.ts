import { createApp } from '../app.ts'
import { loadSettings } from '../config/index.ts'
import { readVersion } from '../version.ts'
import type { CommandInput } from './index.ts'
import { fromSettings, openLog, stopWithin, untilSignal } from './process.ts'

/** The bridge, until a signal ends it or a request restarts it. */
export async function run({ flags, env, signals, terminal, clock, devicePort }: CommandInput): Promise<number> {
  const loaded = await loadSettings({ flags, env })
  const { logger, secrets } = await openLog(loaded)
  let restart = () => {}
  const restarted = new Promise<string>((resolve) => {
    restart = () => resolve('a request to restart')
  })
  const app = fromSettings(() =>
    createApp({
      settings: loaded.settings,
      version: readVersion(),
      clock,
      random: Math.random,
      logger,
      secrets,
      restart,
      announce: (line) => terminal.out(line),
      devicePort,
    }),
  )
  const ended = Promise.race([untilSignal(signals), restarted])
  // A signal while it starts ends it as well.
  await Promise.race([app.start(), ended])
  const reason = await ended
  logger.info({ reason }, 'stopping')
  await stopWithin(clock, () => app.stop())
  return 0
}
