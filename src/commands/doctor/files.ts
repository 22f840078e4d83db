/** Configuration and store: the files on this machine's disk. */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isSecretField } from '../../core/logging/secrets.ts'
import { counted } from '../command.ts'
import { type Check, type Context, type Finding, fail, ok, warn } from './check.ts'

const OTHERS = 0o077

export const configuration: Check = {
  name: 'Configuration',
  run: async ({ tools }) => {
    const { loaded, settings } = tools
    const { file } = loaded
    const accounts = counted(settings.cloud.accounts.length, 'cloud account')
    const devices = counted(settings.devices.length, 'configured device')
    return [
      ok(`${file ?? 'no file; page, environment and defaults'}: valid, with ${accounts} and ${devices}`),
      ...(file === null ? [] : openFile(file, loaded.origins)),
      ...loaded.warnings.map((warning) => warn(warning)),
    ]
  },
}

/** Secrets in a file that others can read. */
function openFile(file: string, origins: ReadonlyMap<string, string>): Finding[] {
  const holdsSecrets = [...origins].some(
    ([key, source]) => source === `configuration file ${file}` && isSecretField(key.slice(key.lastIndexOf('.') + 1)),
  )
  if (!holdsSecrets || (statSync(file).mode & OTHERS) === 0) return []
  return [warn(`${file} contains secrets, and other users of this machine can read it`, `chmod 600 ${file}`)]
}

export const store: Check = {
  name: 'Store',
  run: async ({ tools, store, storeProblem }: Context) => {
    const { settings, notes } = tools
    if (storeProblem !== undefined) return [fail(storeProblem)]
    if (!store) {
      const problem = notWritable(settings.data_dir)
      if (problem) return [fail(problem, 'set data_dir to a folder that the user of the bridge can write to.')]
      return [ok(`${settings.data_dir} contains no store yet; the first start of the bridge creates it`)]
    }
    const key = settings.store.key_file ?? 'store.key beside it'
    // Problems that the store itself found: a wrong master key, permissions that can't be restricted.
    const found = notes.splice(0).map((note) => fail(note))
    return [ok(`${store.path} opens; its master key is ${key}`), ...found]
  },
}

/** Why nothing can be created at `path` or in the first existing folder above it. */
function notWritable(path: string): string | undefined {
  let place = resolve(path)
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  try {
    accessSync(place, constants.W_OK)
  } catch (error) {
    return `${path} can't be created: no permission to write to ${place} (${error instanceof Error ? error.message : error})`
  }
  return statSync(place).isDirectory() ? undefined : `${path} can't be created: ${place} is not a folder`
}
