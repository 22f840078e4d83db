/** The commands, each loaded only when it runs. */
import type { Command } from './command.ts'
import type { CommandName } from './console/manual.ts'
import { startLean } from './running/heap.ts'

export const COMMANDS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  run: async (): Promise<Command> => {
    startLean()
    return (await import('./running/run.ts')).run
  },
  demo: async (): Promise<Command> => (await import('./demo/index.ts')).demo,
  simulate: async (): Promise<Command> => (await import('./demo/simulate.ts')).simulate,
  list: async (): Promise<Command> => (await import('./house/values.ts')).list,
  get: async (): Promise<Command> => (await import('./house/values.ts')).get,
  set: async (): Promise<Command> => (await import('./house/values.ts')).set,
  discover: async (): Promise<Command> => (await import('./house/discover.ts')).discover,
  record: async (): Promise<Command> => (await import('./record/index.ts')).record,
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
  completion: async (): Promise<Command> => (await import('./console/completion.ts')).completion,
}
