import { loadEffective } from '../../app/settings/kept.ts'
import { describeSettings, jsonSchema } from '../../config/index.ts'
import type { CommandInput } from '../command.ts'

/** Prints the settings in force with their sources; with `--schema`, the JSON Schema of the file. */
export async function config({ options, flags, env, terminal, clock }: CommandInput): Promise<number> {
  if (options.schema !== undefined) {
    terminal.out(JSON.stringify(jsonSchema(), null, 2))
    return 0
  }
  const loaded = await loadEffective(clock, { flags, env })
  terminal.err(loaded.file === null ? 'No configuration file.' : `Configuration file: ${loaded.file}`)
  for (const line of describeSettings(loaded)) terminal.out(line)
  for (const warning of loaded.warnings) terminal.err(`Warning: ${warning}`)
  return 0
}
