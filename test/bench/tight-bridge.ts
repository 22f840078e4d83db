/** A bridge that polls without pause, faster than the settings allow, so that polls can be counted by the thousand. */
import { createApp } from '../../src/app.ts'
import { loadSettings, secretsOf } from '../../src/config/index.ts'
import { SystemClock } from '../../src/core/clock.ts'
import { createLogger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { numberIn, serve, textIn } from './rpc.ts'

let cpu = process.cpuUsage()

serve({
  async start(argument) {
    const folder = textIn(argument, 'folder')
    const { settings } = await loadSettings({ flags: { data_dir: folder }, env: {}, cwd: folder })
    const secrets = new SecretValues()
    for (const secret of secretsOf(settings)) secrets.remember(secret)
    const app = createApp({
      settings: { ...settings, device: { ...settings.device, poll_interval: numberIn(argument, 'poll') } },
      version: 'bench',
      clock: new SystemClock(),
      random: Math.random,
      logger: createLogger({ level: 'info', secrets, write: () => undefined }),
      secrets,
      restart: () => undefined,
      announce: () => undefined,
    })
    await app.start()
    return {}
  },

  begin() {
    cpu = process.cpuUsage()
    return {}
  },

  end() {
    const { user, system } = process.cpuUsage(cpu)
    return { cpu: (user + system) / 1000 }
  },
})
