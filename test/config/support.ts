import { resolve } from 'node:path'
import type { Test } from 'tap'
import { SettingsError } from '../../src/config/errors.ts'
import type { ReadFile } from '../../src/config/loading/files.ts'
import { type LoadedSettings, loadSettings } from '../../src/config/loading/index.ts'

export const CWD = '/home/bridge'
export const LOCAL = `${CWD}/config/local.yaml`

/** What there is besides the defaults; `file` is config/local.yaml. */
export interface Given {
  readonly file?: string
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: Readonly<Record<string, string>>
  /** Paths that can't be read, with the code of the failure. */
  readonly broken?: Readonly<Record<string, string>>
}

/** The working directory and the files that `given` tells of. */
export function fileOf({ file, files = {}, broken = {} }: Given): { cwd: string; readFile: ReadFile } {
  const all = new Map<string, string | Uint8Array>(
    Object.entries(files).map(([path, content]) => [resolve(CWD, path), content]),
  )
  if (file !== undefined) all.set(LOCAL, file)
  const readFile: ReadFile = (path, limit) => {
    const content = all.get(path)
    const code = broken[path] ?? (content === undefined ? 'ENOENT' : undefined)
    if (code !== undefined) throw Object.assign(new Error(`${code}: told to fail`), { code })
    return Buffer.from(content ?? '').subarray(0, limit + 1)
  }
  return { cwd: CWD, readFile }
}

export function load(given: Given): Promise<LoadedSettings> {
  const { env = {}, flags = {} } = given
  return loadSettings({ env, flags, ...fileOf(given) })
}

/** The message of the `SettingsError` that loading ends in. */
export async function refusal(given: Given): Promise<string> {
  try {
    await load(given)
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  return 'taken'
}

/** What is given, and the message it has to give. */
export type Case = readonly [Given, string]

/** The secret in these cases is `hunter2`. */
export function checkRefusals(t: Test, cases: Readonly<Record<string, Case>>): void {
  for (const [what, [given, message]] of Object.entries(cases)) {
    t.test(what, async (t) => {
      const said = await refusal(given)
      t.equal(said, message)
      t.notMatch(said, /hunter2|[\n\r]/, 'one line, and no secret')
    })
  }
}
