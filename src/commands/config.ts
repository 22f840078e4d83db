import { describeSettings, jsonSchema, loadSettings } from '../config/index.ts'
import type { CommandInput } from './index.ts'

/** Prints the settings in force, with where each came from; with `--schema` the JSON Schema of the file. */
export async function config({ options, flags, env }: CommandInput): Promise<number> {
  if (options.schema !== undefined) {
    process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
    return 0
  }
  const loaded = await loadSettings({ flags, env })
  process.stdout.write(`${describeSettings(loaded).join('\n')}\n`)
  return 0
}
