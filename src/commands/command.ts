/** The input of every command, and its error for wrong usage. */
import type { Clock } from '../core/clock.ts'
import type { Terminal } from './console/terminal.ts'
import type { Supervisor } from './supervisor/index.ts'

export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

export interface CommandInput {
  /** The words after the command that it knows. */
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string>>
  readonly flags: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Receives the signals that end the process. */
  readonly signals: { on(signal: EndSignal, listener: (signal: EndSignal) => void): unknown }
  /** Where the bridge is an app of Home Assistant. What it says is in `env`. */
  readonly supervisor?: Supervisor
  readonly terminal: Terminal
  readonly clock: Clock
  /** TCP port of devices for which no setting names one. Only virtual devices use another than 80. */
  readonly devicePort: number
}

/** Resolves with the exit code. */
export type Command = (input: CommandInput) => Promise<number>

/** Wrong usage of the command line: exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    // What was typed can contain anything; the error stays on one line.
    super(message.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '))
    this.name = 'UsageError'
  }
}

/** What was typed, shortened for a message. */
export const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** A whole number from 1 to `max` from an option. @throws UsageError */
export function countOption(
  options: Readonly<Record<string, string>>,
  name: string,
  fallback: number,
  max: number,
): number {
  const text = options[name]
  if (text === undefined) return fallback
  const number = Number(text)
  if (/^\d{1,10}$/.test(text) && number >= 1 && number <= max) return number
  throw new UsageError(`--${name} must be a whole number from 1 to ${max}, not "${short(text)}".`)
}

/** A number of things, such as `1 key` or `2 keys`. */
export const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
