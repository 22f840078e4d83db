/**
 * The file of a backup: a tar archive of a data folder, encrypted in the age format. With the passphrase it can be opened
 * without this program, and a bridge can start in the resulting folder. Files of any size need little memory, and nothing is
 * trusted before it is authenticated.
 */
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createTarPacker } from 'modern-tar'
import { isObject, parseJson } from '../../core/json.ts'
import { PRIVATE_FILE } from '../database/files.ts'
import { AgeError, openAge, type SealedFile, sealAge } from '../secrets/age.ts'
import { MASTER_KEY_FILE, masterKeyText, parseMasterKey } from '../secrets/master-key.ts'
import { PARTS } from './parts.ts'
import { laterVersion, unusable } from './refusals.ts'
import { readTar, type TarEntry } from './tar.ts'

/** The description of the backup, first in the archive. */
const ABOUT_FILE = 'backup.json'
const PROGRAM = 'thermo2mqtt'
const BLOCK = 512
/** Of what is read into memory, in bytes. */
const LARGEST_TEXT = 4096

export interface About {
  /** ISO time. */
  readonly created: string
  /** Version of the bridge that made it. */
  readonly version: string
}

/** A backup unpacked into a folder. */
export interface Unpacked extends About {
  /** The master key of the secrets in it. */
  readonly key: Buffer
  /** Names of the databases. */
  readonly parts: readonly string[]
}

interface Entry {
  readonly name: string
  readonly bytes: number
  readonly content: () => AsyncIterable<Uint8Array>
}

export interface Archive {
  /** Bytes of the file in all. */
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
  /** Closes the files if not everything is read. */
  stop(): void
}

/**
 * @param folder with the databases, whose secrets `key` sealed
 * @param parts the databases, and how many bytes each has
 */
export async function packBackup(
  { created, version, key, folder }: About & { readonly key: Buffer; readonly folder: string },
  parts: readonly { readonly name: string; readonly bytes: number }[],
  passphrase: string,
  workFactor?: number,
): Promise<Archive> {
  const about = `${JSON.stringify({ program: PROGRAM, version, created })}\n`
  const entries = [
    textEntry(ABOUT_FILE, about),
    textEntry(MASTER_KEY_FILE, masterKeyText(key)),
    ...parts.map(({ name, bytes }) => ({ name, bytes, content: () => createReadStream(join(folder, name)) })),
  ]
  const { readable, controller } = createTarPacker()
  const stop = () => controller.error(new Error('The client stopped reading the backup.'))
  const sealed: SealedFile = await sealAge(readable, passphrase, workFactor)
  void fill(controller, entries, new Date(created))
  const blocks = entries.reduce((sum, { bytes }) => sum + 1 + Math.ceil(bytes / BLOCK), 2)
  return { size: sealed.size(blocks * BLOCK), content: sealed.content, stop }
}

function textEntry(name: string, content: string): Entry {
  const bytes = Buffer.from(content)
  return { name, bytes: bytes.length, content: () => ReadableStream.from([bytes]) }
}

async function fill(
  controller: ReturnType<typeof createTarPacker>['controller'],
  entries: readonly Entry[],
  mtime: Date,
): Promise<void> {
  try {
    for (const { name, bytes, content } of entries) {
      const entry = controller.add({ name, size: bytes, mode: PRIVATE_FILE, mtime })
      await ReadableStream.from(content()).pipeTo(entry)
    }
    controller.finalize()
  } catch (error) {
    // The reader of the archive gets the error.
    controller.error(error)
  }
}

/**
 * Writes the databases of a backup to files in `folder`.
 * @param content the file
 * @throws BridgeError `BAD_REQUEST`: the passphrase is wrong, or the file is not a complete backup known to this version
 */
export async function unpackBackup(
  content: AsyncIterable<Uint8Array>,
  passphrase: string,
  folder: string,
): Promise<Unpacked> {
  const texts = new Map<string, string>()
  const parts: string[] = []
  let unknown = false
  for await (const entry of trusted(readTar(openAge(content, passphrase)))) {
    const name = entry.name.replace(/^\.\//, '')
    if (texts.has(name) || parts.includes(name)) throw unusable('damaged')
    if (entry.kind === 'file' && (name === ABOUT_FILE || name === MASTER_KEY_FILE)) {
      texts.set(name, await textOf(entry))
    } else if (entry.kind === 'file' && PARTS.some((part) => part.name === name)) {
      const file = { flag: 'wx', mode: PRIVATE_FILE, flush: true } as const
      await writeFile(join(folder, name), trusted(entry.content), file)
      parts.push(name)
    } else {
      // An archive repacked by a person may also contain its folder.
      unknown ||= entry.kind !== 'directory'
    }
  }
  const about = readAbout(texts.get(ABOUT_FILE))
  const key = parseMasterKey(texts.get(MASTER_KEY_FILE) ?? '')
  if (unknown) throw laterVersion(about.version)
  if (!key) throw unusable('damaged')
  return { ...about, key, parts }
}

/** Turns problems of the file into messages. Disk errors stay unchanged: they have a code. */
async function* trusted<Piece>(stream: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  try {
    yield* stream
  } catch (error) {
    if (error instanceof AgeError) throw unusable(error.fault)
    // Everything else in it was authenticated, so it was never a backup.
    throw error instanceof Error && 'code' in error ? error : unusable('foreign')
  }
}

async function textOf({ size, content }: TarEntry): Promise<string> {
  if (size > LARGEST_TEXT) throw unusable('damaged')
  return await text(trusted(content))
}

function readAbout(json = ''): About {
  const about = parseJson(json)
  if (!isObject(about) || about.program !== PROGRAM) throw unusable('foreign')
  return aboutOf(about)
}

/** What a file says about itself, where it can be that. @throws BridgeError `BAD_REQUEST` */
export function aboutOf({ created, version }: Readonly<Record<string, unknown>>): About {
  if (typeof created !== 'string' || Number.isNaN(Date.parse(created))) throw unusable('damaged')
  if (typeof version !== 'string' || !/^[\w.+-]{1,64}$/.test(version)) throw unusable('damaged')
  return { created: new Date(created).toISOString(), version }
}
