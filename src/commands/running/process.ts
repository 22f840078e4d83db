import { type LoadedSettings, type Settings, secretsOf } from '../../config/index.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { LogBuffer } from '../../core/logging/log-buffer.ts'
import { createLogger, type RootLogger } from '../../core/logging/logger.ts'
import { SecretValues } from '../../core/logging/secrets.ts'
import type { CommandInput, EndSignal } from '../command.ts'

/** Including SIGHUP: the terminal or connection that started the bridge is gone. */
const END_SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Resolves with the first signal that asks the process to end. Later signals change nothing: Ctrl+C under `npm run`
 * arrives twice, and the second must not cut off what the first has begun. `stopWithin` limits how long that takes.
 */
export function untilSignal(signals: CommandInput['signals']): Promise<EndSignal> {
  return new Promise((resolve) => {
    for (const name of END_SIGNALS) signals.on(name, resolve)
  })
}

/** Milliseconds from a signal to the end. */
const STOP_LIMIT = 5_000

/** @throws BridgeError `INTERNAL` if `stop` takes more than five seconds; whatever `stop` throws */
export async function stopWithin(clock: Clock, stop: () => Promise<unknown>): Promise<void> {
  let late = () => {}
  const limit = new Promise<never>((_resolve, reject) => {
    late = () =>
      reject(
        new BridgeError(
          'INTERNAL',
          `Stopping took more than ${STOP_LIMIT / 1000} s and was cut off. Keys, tokens and energy are as last stored; a command under way may or may not have been carried out.`,
        ),
      )
  })
  const timer = clock.timer(STOP_LIMIT, () => late())
  try {
    await Promise.race([stop(), limit])
  } finally {
    timer.cancel()
  }
}

export interface Output {
  readonly logger: RootLogger
  readonly secrets: SecretValues
}

/** The log of a process on standard output, with every secret of the settings masked. */
export async function openLog(
  { settings, warnings }: LoadedSettings,
  secrets: SecretValues = new SecretValues(),
  log?: LogBuffer,
): Promise<Output> {
  for (const secret of secretsOf(settings)) secrets.remember(secret)
  const out = await lineWriter(settings.log.format)
  const write = (line: string) => {
    log?.push(line)
    out(line)
  }
  const logger = createLogger({ level: settings.log.level, secrets, write })
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
