/** The commands, each loaded only when it is the one to run. */

export interface CommandInput {
  readonly options: Readonly<Record<string, string>>
  readonly flags: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where SIGINT and SIGTERM arrive. */
  readonly signals: Pick<NodeJS.Process, 'once' | 'off'>
}

/** Resolves with the exit code. */
export type Command = (input: CommandInput) => Promise<number>

export const COMMANDS = {
  run: async (): Promise<Command> => (await import('./run.ts')).run,
  demo: async (): Promise<Command> => (await import('./demo.ts')).demo,
  simulate: async (): Promise<Command> => (await import('./simulate.ts')).simulate,
  discover: async (): Promise<Command> => (await import('./discover.ts')).discover,
  doctor: async (): Promise<Command> => (await import('./doctor.ts')).doctor,
  login: async (): Promise<Command> => (await import('./login.ts')).login,
  config: async (): Promise<Command> => (await import('./config.ts')).config,
} as const

export type CommandName = keyof typeof COMMANDS
