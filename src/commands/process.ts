import { type LoadedSettings, type Settings, secretsOf } from '../config/index.ts'
import { createLogger, type Logger } from '../core/logger.ts'
import { SecretValues } from '../core/secrets.ts'
import type { CommandInput } from './index.ts'

/** Resolves with the name of the signal that asks the process to end. */
export function untilSignal(signals: CommandInput['signals']): Promise<string> {
  return new Promise((resolve) => {
    const done = (signal: string) => {
      signals.off('SIGINT', done)
      signals.off('SIGTERM', done)
      resolve(signal)
    }
    signals.once('SIGINT', done)
    signals.once('SIGTERM', done)
  })
}

export interface Output {
  readonly logger: Logger
  readonly secrets: SecretValues
}

/** The log of a process on standard output, with every secret of the settings already kept out of it. */
export async function openLog({ settings, warnings }: LoadedSettings): Promise<Output> {
  const secrets = new SecretValues()
  for (const secret of secretsOf(settings)) secrets.remember(secret)
  const logger = createLogger({ level: settings.log.level, secrets, write: await lineWriter(settings.log.format) })
  for (const warning of warnings) logger.warn(warning)
  return { logger, secrets }
}

async function lineWriter(format: Settings['log']['format']): Promise<(line: string) => void> {
  const out = process.stdout
  if (format === 'json' || (format === 'auto' && !out.isTTY)) return (line) => void out.write(line)
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({ colorize: out.isTTY, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' })
  return (line) => void out.write(pretty(line))
}
