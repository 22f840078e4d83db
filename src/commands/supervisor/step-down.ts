import { lchownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The user `node` of the image, and its group. */
const NODE = 1000

/**
 * The Supervisor starts apps as root, since the folder that it gives them belongs to root. The bridge needs root for nothing
 * but to be given the folder. Does nothing for a process that is not root's.
 * @param folder what becomes the user's, with all that is in it; undefined for none
 */
export function stepDown(folder: string | undefined, user = NODE): void {
  if (process.getuid?.() !== 0) return
  if (folder !== undefined) {
    give(folder, user)
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      give(join(entry.parentPath, entry.name), user)
  }
  process.setgroups?.([])
  process.setgid?.(user)
  process.setuid?.(user)
}

/** Links themselves, not what they lead to. */
function give(path: string, user: number): void {
  const { uid, gid } = lstatSync(path)
  if (uid !== user || gid !== user) lchownSync(path, user, user)
}
