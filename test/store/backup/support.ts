/** Machines with backups, for the tests of them. */
import type { Test } from 'tap'
import { Backups } from '../../../src/store/backup/index.ts'
import { open } from '../support.ts'

export const PASSPHRASE = 'long enough for a test'
export const QUICK = { N: 2, r: 1, p: 1 }
export const NOTE = { at: 1, who: 'admin', via: 'session', address: null, action: 'restoreBackup' } as const
export const AUDIT = { ...NOTE, target: null, details: null, outcome: 'ok' } as const

export function machine(t: Test, dataDir = t.testdir({}), largest?: number) {
  const opened = open(t, dataDir)
  const { clock, log, store } = opened
  const options = { dataDir, vault: store.vault, clock, logger: log.logger, version: '1.2.3', cost: QUICK }
  const backups = new Backups({ ...options, ...(largest === undefined ? {} : { largest }) })
  return { ...opened, dataDir, backups }
}

export async function bytesOf(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of content) all.push(piece)
  return Buffer.concat(all)
}

export async function* pieces(bytes: Buffer, size = 1000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function made({ backups }: { backups: Backups }): Promise<Buffer> {
  const backup = await backups.make(PASSPHRASE)
  const bytes = await bytesOf(backup.content)
  backup.discard()
  if (bytes.length !== backup.size) throw new Error(`${bytes.length} bytes instead of ${backup.size}`)
  return bytes
}
