import { pino } from 'pino'
import { maskSecrets, type SecretValues } from './secrets.ts'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

export interface Logger {
  trace(fields: object, message: string): void
  trace(message: string): void
  debug(fields: object, message: string): void
  debug(message: string): void
  info(fields: object, message: string): void
  info(message: string): void
  warn(fields: object, message: string): void
  warn(message: string): void
  error(fields: object, message: string): void
  error(message: string): void
  child(bindings: Record<string, unknown>): Logger
  /** Whether lines of this level are written; saves the work of making them. */
  isLevelEnabled(level: string): boolean
}

export interface LoggerOptions {
  readonly level: LogLevel
  readonly secrets: SecretValues
  /** Where lines go; each ends with a newline. */
  readonly write: (line: string) => void
}

const masked = (fields: object) => maskSecrets(fields) as Record<string, unknown>

/** Makes `logger` and its children mask their bound fields: pino formats only the lines' own fields. */
function guardChildren(logger: Logger, makeChild: Logger['child']): Logger {
  const child = (bindings: Record<string, unknown>) =>
    guardChildren(makeChild.call(logger, masked(bindings)), makeChild)
  return Object.assign(logger, { child })
}

/**
 * A pino logger whose every line goes through the secret filters: by field name first, by value last.
 * Errors are logged under `err`.
 */
export function createLogger(options: LoggerOptions): Logger {
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: masked,
      },
      // Masking has already turned errors into plain objects with masked fields; pino's own serializer would show them.
      serializers: { err: (error: unknown) => error },
    },
    { write: (line: string) => options.write(options.secrets.scrub(line)) },
  )
  return guardChildren(logger, logger.child)
}
