import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { BridgeError } from '../../core/errors.ts'

export interface Tls {
  readonly cert: string
  readonly key: string
}

/** The API's own certificate and key, undefined when none are set. Rejects with `INTERNAL`, naming the setting at fault. */
export async function readTls(files: { cert: string | null; key: string | null }): Promise<Tls | undefined> {
  if (files.cert === null || files.key === null) return undefined
  const [cert, key] = await Promise.all([read('api.tls.cert', files.cert), read('api.tls.key', files.key)])
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    throw new BridgeError(
      'INTERNAL',
      `The API can't use the certificate ${files.cert} with the key ${files.key} (api.tls.cert, api.tls.key). Both must be PEM without passphrase, and belong together.`,
      { cause },
    )
  }
  return { cert, key }
}

async function read(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new BridgeError('INTERNAL', `${setting}: ${path} can't be read (${code}).`, { cause })
  }
}
