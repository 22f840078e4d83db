/** Machines with backups, for the tests of them. */
import { packTar, type TarHeader, unpackTar } from 'modern-tar'
import type { Test } from 'tap'
import { Backups } from '../../../src/store/backup/index.ts'
import { openAge, sealAge } from '../../../src/store/secrets/age.ts'
import { KEY, open, SERIAL } from '../support.ts'

export const PASSPHRASE = 'long enough for a test'
/** Work factor. */
export const QUICK = 1
export const NOTE = { at: 1, who: 'admin', via: 'session', address: null, action: 'restoreBackup' } as const
export const AUDIT = { ...NOTE, target: null, details: null, outcome: 'ok' } as const

export function machine(t: Test, dataDir = t.testdir({}), largest?: number) {
  const opened = open(t, dataDir)
  const { clock, log, store } = opened
  const options = { dataDir, vault: store.vault, clock, logger: log.logger, version: '1.2.3', workFactor: QUICK }
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

/** A file, its content, and what is odd about it. */
export type Entry = readonly [name: string, content: string | Uint8Array, odd?: Partial<TarHeader>]

/** What is in a backup, by name. */
export async function contentOf(backup: Buffer): Promise<Map<string, Buffer>> {
  const tar = await bytesOf(openAge(pieces(backup), PASSPHRASE))
  return new Map(
    (await unpackTar(tar, { strict: true })).map(({ header, data }) => [header.name, Buffer.from(data ?? [])]),
  )
}

export async function sealed(content: Uint8Array, workFactor = QUICK): Promise<Buffer> {
  return await bytesOf((await sealAge(pieces(Buffer.from(content)), PASSPHRASE, workFactor)).content)
}

/** A file that opens, and holds whatever somebody has put into it. */
export async function crafted(entries: readonly Entry[]): Promise<Buffer> {
  const tar = entries.map(([name, content, odd]) => {
    const body = Buffer.from(content)
    return { header: { name, size: body.length, type: 'file' as const, ...odd }, body: new Uint8Array(body) }
  })
  return await sealed(await packTar(tar))
}

export const device = {
  hw: 'ax',
  name: 'Bath',
  host: null,
  port: null,
  counterBase: null,
  learned: {},
  features: [],
} as const

export const EVENT = { at: 1, type: 'x', account: null, details: null } as const

/** Something of every kind that is sealed. */
export function fill({ store }: ReturnType<typeof machine>): void {
  store.devices.save({ serial: SERIAL, ...device, sources: ['account:home'] })
  store.devices.giveName(SERIAL, 'Ванна')
  store.keys.put('home', [{ serial: SERIAL, key: KEY }])
  store.sessions.put('home', 'terneo', 'identity', { token: 'token-of-the-cloud' })
  store.values.setSecret('a.secret', 'secret-value')
  store.users.add('admin', 'hash')
  store.users.setTotpSecret(store.users.byName('admin')?.id ?? 0, 'JBSWY3DPEHPK3PXP')
  store.energy.save({ serial: SERIAL, wattHours: 1000, errorWattHours: 0, onSeconds: 60 })
  store.events.add([{ ...EVENT, serial: SERIAL, message: 'm' }])
}
