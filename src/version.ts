import { readFileSync } from 'node:fs'
import { isObject, parseJson } from './core/json.ts'

/** The version of package.json, which stands one folder above both src and dist. */
export function readVersion(): string {
  const manifest = parseJson(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return isObject(manifest) && typeof manifest.version === 'string' ? manifest.version : 'unknown'
}
