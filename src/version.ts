import { readFileSync } from 'node:fs'
import { isObject, parseJson } from './core/json.ts'

/** The oldest supported Node.js: `engines` in package.json. */
const OLDEST_NODE = { major: 22, minor: 12 }

/**
 * The message for a Node.js that is too old; undefined if it is new enough.
 * @param version of Node.js, such as `24.1.0`
 */
export function complaintAboutNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST_NODE.major || (major === OLDEST_NODE.major && minor >= OLDEST_NODE.minor)) return undefined
  return `this is Node.js ${version}, and ${OLDEST_NODE.major}.${OLDEST_NODE.minor} or newer is needed. In a folder with the sources, npm has installed one: node_modules/.bin/node dist/main.js`
}

/** The version in package.json, one folder above both src and dist. */
export function readVersion(): string {
  const manifest = parseJson(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return isObject(manifest) && typeof manifest.version === 'string' ? manifest.version : 'unknown'
}
