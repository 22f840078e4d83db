/** The commands, each loaded only when it is the one to run. */
import type { Clock } from '../core/clock.ts'
import type { Terminal } from './terminal.ts'

export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

export interface CommandInput {
  /** What follows the command, of the words that it knows. */
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string>>
  readonly flags: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the signals that end the process arrive. */
  readonly signals: { on(signal: EndSignal, listener: (signal: EndSignal) => void): unknown }
  readonly terminal: Terminal
  readonly clock: Clock
  /** TCP port on which devices answer, where no setting names one. Only virtual ones differ from 80. */
  readonly devicePort: number
}

/** Resolves with the exit code. */
export type Command = (input: CommandInput) => Promise<number>

export const COMMANDS = {
  run: async (): Promise<Command> => (await import('./run.ts')).run,
  demo: async (): Promise<Command> => (await import('./demo.ts')).demo,
  simulate: async (): Promise<Command> => (await import('./simulate.ts')).simulate,
  discover: async (): Promise<Command> => (await import('./discover.ts')).discover,
  doctor: async (): Promise<Command> => (await import('./doctor.ts')).doctor,
  health: async (): Promise<Command> => (await import('./health.ts')).health,
  login: async (): Promise<Command> => (await import('./login.ts')).login,
  logout: async (): Promise<Command> => (await import('./logout.ts')).logout,
  totp: async (): Promise<Command> => (await import('./totp.ts')).totp,
  keys: async (): Promise<Command> => (await import('./keys.ts')).keys,
  backup: async (): Promise<Command> => (await import('./backup.ts')).backup,
  restore: async (): Promise<Command> => (await import('./backup.ts')).restore,
  user: async (): Promise<Command> => (await import('./user.ts')).user,
  schedules: async (): Promise<Command> => (await import('./schedules.ts')).schedules,
  config: async (): Promise<Command> => (await import('./config.ts')).config,
} as const

export type CommandName = keyof typeof COMMANDS
