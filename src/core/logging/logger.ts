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

/** A logger whose level can be changed; its children follow it. */
export interface RootLogger extends Logger {
  level: LogLevel
}

const LINES = ['trace', 'debug', 'info', 'warn', 'error'] as const

/**
 * A logger that adds fields to the lines of another. pino's own children would keep the level that their parent had when they
 * were made, and would show bound fields unmasked.
 */
function childOf(parent: Logger, bound: object): Logger {
  const line = (level: (typeof LINES)[number]) => (first: object | string, message?: string) => {
    if (!parent.isLevelEnabled(level)) return
    if (typeof first === 'string') parent[level](bound, first)
    else if (first instanceof Error) parent[level]({ ...bound, err: first }, message ?? first.message)
    else parent[level]({ ...bound, ...first }, message ?? '')
  }
  return {
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: (more) => childOf(parent, { ...bound, ...masked(more) }),
    isLevelEnabled: (level) => parent.isLevelEnabled(level),
  }
}

/**
 * A pino logger whose every line goes through the secret filters: by field name first, by value last.
 * Errors are logged under `err`.
 */
export function createLogger(options: LoggerOptions): RootLogger {
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
  return Object.assign(logger, {
    child: (bindings: Record<string, unknown>) => childOf(logger, masked(bindings)),
  }) as RootLogger
}
