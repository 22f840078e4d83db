import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of the databases in a folder, without their journals. */
export async function fileBytes(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.db'))
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
