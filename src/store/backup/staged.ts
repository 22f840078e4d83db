/**
 * A restored store stays beside the one in use until nobody uses that any more, and replaces it at the next start. It does so
 * by renaming, so that a crash at any moment leaves one or the other, and the next start continues.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Logger } from '../../core/logging/logger.ts'
import { reason, syncFolder } from '../database/files.ts'
import { MAIN_PART, PARTS } from './parts.ts'

/** The store to be put in place; the folder appears once it is complete. */
const STAGED = 'restored'
/** The replaced store: one generation. */
const PREVIOUS = 'before-restore'
const JOURNALS = ['-wal', '-shm'] as const

/** Milliseconds for which others may go on using the store. */
const BUSY_MS = 2_000

/** Makes the files of `folder`, on the same disk, replace the store at the next start. */
export function stage(dataDir: string, folder: string): void {
  const staged = join(dataDir, STAGED)
  syncFolder(folder)
  // Moved away in one step: half of an earlier one must never replace anything.
  const earlier = `${folder}-earlier`
  if (existsSync(staged)) renameSync(staged, earlier)
  renameSync(folder, staged)
  syncFolder(dataDir)
  rmSync(earlier, { recursive: true, force: true })
}

/** Whether a restored store is waiting for the next start. */
export const isStaged = (dataDir: string): boolean => existsSync(join(dataDir, STAGED))

/**
 * Replaces the store with a restored one. Call this before anything opens the store.
 * @returns whether there was one
 */
export function applyStaged(dataDir: string, logger: Logger): boolean {
  const staged = join(dataDir, STAGED)
  if (!existsSync(staged)) return false
  if (!isFree(dataDir)) {
    logger.warn(
      { path: staged },
      'A restored backup is ready to replace the store, but another process uses the store. Stop that process and restart the bridge',
    )
    return false
  }
  try {
    takePlace(dataDir, staged, logger)
    return true
  } catch (err) {
    logger.error({ err, path: staged }, 'A restored backup can’t replace the store now; the next start tries again')
    return false
  }
}

function takePlace(dataDir: string, staged: string, logger: Logger): void {
  const files = PARTS.map(({ name }) => name).filter((name) => existsSync(join(staged, name)))
  keepEnergy(dataDir, staged, logger)
  const previous = join(dataDir, PREVIOUS)
  mkdirSync(previous, { recursive: true, mode: 0o700 })
  for (const name of files) swap(dataDir, staged, previous, name)
  for (const rest of readdirSync(staged)) rmSync(join(staged, rest), { force: true })
  rmdirSync(staged)
  syncFolder(previous)
  syncFolder(dataDir)
  logger.info({ previous }, 'The restored backup is now in use; the previous store is kept beside it')
}

/**
 * Puts the previous store back if the bridge can't start with the restored one.
 * @returns whether there was one
 */
export function revertStaged(dataDir: string, logger: Logger): boolean {
  const previous = join(dataDir, PREVIOUS)
  const names = PARTS.map(({ name }) => name).filter((name) => existsSync(join(previous, name)))
  if (!names.includes(MAIN_PART.name) || !isFree(dataDir)) return false
  for (const name of names) {
    for (const suffix of JOURNALS) rmSync(join(dataDir, name) + suffix, { force: true })
    renameSync(join(previous, name), join(dataDir, name))
  }
  syncFolder(dataDir)
  logger.error(
    { path: dataDir },
    'The bridge can’t start with the restored backup; the previous store is back in place',
  )
  return true
}

function swap(dataDir: string, staged: string, previous: string, name: string): void {
  const current = join(dataDir, name)
  const aside = join(previous, name)
  if (existsSync(current)) {
    // It has not begun: the files are from the previous restore.
    for (const suffix of ['', ...JOURNALS]) rmSync(aside + suffix, { force: true })
    renameSync(current, aside)
  }
  // A journal of the old file must never meet the new one.
  for (const suffix of JOURNALS) if (existsSync(current + suffix)) renameSync(current + suffix, aside + suffix)
  renameSync(join(staged, name), current)
}

/** Only a process without others can end journal mode; a damaged file is used by nobody. */
function isFree(dataDir: string): boolean {
  const path = join(dataDir, MAIN_PART.name)
  if (!existsSync(path)) return true
  try {
    const db = new Database(path, { timeout: BUSY_MS })
    try {
      return db.pragma('journal_mode = DELETE', { simple: true }) === 'delete'
    } finally {
      db.close()
    }
  } catch (error) {
    return !reason(error).startsWith('SQLITE_BUSY')
  }
}

/** Energy must never fall, or Home Assistant treats it as a new meter: of two counts of a device, the larger one stays. */
function keepEnergy(dataDir: string, staged: string, logger: Logger): void {
  const current = join(dataDir, MAIN_PART.name)
  const restored = join(staged, MAIN_PART.name)
  if (!existsSync(current) || !existsSync(restored)) return
  try {
    const db = new Database(restored)
    try {
      db.prepare('ATTACH DATABASE ? AS here').run(current)
      db.exec(
        `INSERT OR REPLACE INTO energy SELECT own.* FROM here.energy AS own LEFT JOIN main.energy AS other USING (serial)
           WHERE own.watt_hours > coalesce(other.watt_hours, -1)`,
      )
    } finally {
      db.close()
    }
  } catch (err) {
    logger.warn({ err }, 'The energy counted until now can’t be read; the restored counts are used')
  }
}
