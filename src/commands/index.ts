/** The commands, each loaded only when it is the one to run. */
import type { Clock } from '../core/clock.ts'
import type { Terminal } from './console/terminal.ts'

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
  run: async (): Promise<Command> => (await import('./running/run.ts')).run,
  demo: async (): Promise<Command> => (await import('./demo/index.ts')).demo,
  simulate: async (): Promise<Command> => (await import('./demo/simulate.ts')).simulate,
  discover: async (): Promise<Command> => (await import('./house/discover.ts')).discover,
  doctor: async (): Promise<Command> => (await import('./doctor/index.ts')).doctor,
  health: async (): Promise<Command> => (await import('./bridge/health.ts')).health,
  login: async (): Promise<Command> => (await import('./accounts/login.ts')).login,
  logout: async (): Promise<Command> => (await import('./accounts/logout.ts')).logout,
  totp: async (): Promise<Command> => (await import('./accounts/totp.ts')).totp,
  keys: async (): Promise<Command> => (await import('./keys/index.ts')).keys,
  backup: async (): Promise<Command> => (await import('./bridge/backup.ts')).backup,
  restore: async (): Promise<Command> => (await import('./bridge/backup.ts')).restore,
  user: async (): Promise<Command> => (await import('./bridge/user.ts')).user,
  schedules: async (): Promise<Command> => (await import('./house/schedules.ts')).schedules,
  config: async (): Promise<Command> => (await import('./bridge/config.ts')).config,
} as const

export type CommandName = keyof typeof COMMANDS
