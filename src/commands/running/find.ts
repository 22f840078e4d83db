/** Finds the bridge that runs with the data folder of a command, and the settings as it sees them. */
import { existsSync } from 'node:fs'
import { loadEffective } from '../../app/settings/kept.ts'
import type { LoadedSettings } from '../../config/index.ts'
import type { CommandInput } from '../command.ts'
import { bridgeIn, flagsOf, type RunningBridge, runningDemo } from './whereabouts.ts'

export interface Found {
  readonly loaded: LoadedSettings
  /** Undefined if none runs. */
  readonly running: RunningBridge | undefined
}

/**
 * @param orDemo whether the demo is meant if no bridge runs and no data folder is named
 * @throws SettingsError
 */
export async function findBridge(
  { flags, env, clock }: Pick<CommandInput, 'flags' | 'env' | 'clock'>,
  { orDemo }: { readonly orDemo: boolean },
): Promise<Found> {
  const own = await loadEffective(clock, { flags, env })
  const named = own.origins.get('data_dir') !== 'default'
  const running = bridgeIn(own.settings.data_dir) ?? (orDemo && !named ? runningDemo() : undefined)
  if (!running) return { loaded: own, running }
  const file = own.file === null && running.file !== null && existsSync(running.file) ? running.file : undefined
  const loaded = await loadEffective(clock, {
    flags: { ...flagsOf(running, own), ...flags, data_dir: running.dataDir },
    env: file === undefined ? env : { ...env, T2M_CONFIG: file },
  })
  return { loaded, running }
}
