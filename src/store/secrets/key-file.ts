/** The file of exported keys: a JSON document, encrypted in the age format, so that `age --decrypt` opens it too. */
import { buffer, text } from 'node:stream/consumers'
import { BridgeError } from '../../core/errors.ts'
import { AgeError, type AgeFault, checkHeader, openAge, sealAge } from './age.ts'
import { isOldKeyFile, openOldKeyFile } from './old-key-file.ts'

/** Larger files are not ours: a thousand devices need less than 1 MiB. */
export const LARGEST_KEY_FILE = 16 * 1024 * 1024

const FAULTS: Readonly<Record<AgeFault, string>> = {
  foreign: 'This is not a file of "thermo2mqtt keys export". Nothing was changed. Check which file it should be.',
  cut_off: 'The file with the keys is incomplete. Nothing was changed. Copy it again, or export the keys again.',
  damaged:
    'The file with the keys is incomplete or damaged. Nothing was changed. Copy it again, or export the keys again.',
  passphrase: 'The passphrase is wrong, or the file was changed after it was written. Nothing was changed.',
}

/** @param json what it holds */
export async function sealKeyFile(json: string, passphrase: string, workFactor?: number): Promise<Buffer> {
  return await buffer((await sealAge(pieces(Buffer.from(json)), passphrase, workFactor)).content)
}

/**
 * The sealed text.
 * @throws BridgeError `BAD_REQUEST`: the file is not ours, incomplete or damaged, or the passphrase is wrong
 */
export async function openKeyFile(file: Buffer, passphrase: string): Promise<string> {
  try {
    if (isOldKeyFile(file)) return await openOldKeyFile(file, passphrase)
    checkHeader(file, file.length)
    return await text(openAge(pieces(file), passphrase))
  } catch (error) {
    throw error instanceof AgeError ? new BridgeError('BAD_REQUEST', FAULTS[error.fault], { cause: error }) : error
  }
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
