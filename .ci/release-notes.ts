/**
 * Prints what CHANGELOG.md says about a version, for its release, and refuses where the files of the repository do not agree on it.
 *
 *     node .ci/release-notes.ts v1.2.3
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/**
 * The part of a changelog below the heading of a version, which is `## 1.2.3`, with or without a date after it.
 * @throws if there is no such part, or nothing in it
 */
export function notesOf(changelog: string, version: string): string {
  const parts = changelog.split(/^## /m).slice(1)
  const part = parts.find((part) => part.split(/\s/, 1)[0] === version)
  if (part === undefined) throw new Error(`CHANGELOG.md has no heading "## ${version}"`)
  const notes = part.slice(part.indexOf('\n') + 1).trim()
  if (!part.includes('\n') || notes === '') throw new Error(`CHANGELOG.md says nothing about ${version}`)
  return `${notes}\n`
}

/**
 * The version of a tag.
 * @param versions what each file says that it is
 * @throws if the tag is none of a version, or a file says something else
 */
export function versionOf(tag: string, versions: Readonly<Record<string, unknown>>): string {
  const version = /^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(tag)?.[1]
  if (version === undefined) throw new Error(`"${tag}" is not the tag of a version, such as v1.2.3`)
  const other = Object.entries(versions).filter(([, said]) => said !== version)
  if (other.length === 0) return version
  throw new Error(`the tag is ${tag}, but ${other.map(([file, said]) => `${file} says ${said}`).join(', ')}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  const app = 'docker/homeassistant/app/config.yaml'
  const version = versionOf(process.argv[2] ?? '', {
    'package.json': JSON.parse(read('package.json')).version,
    'package-lock.json': JSON.parse(read('package-lock.json')).version,
    [app]: parse(read(app)).version,
  })
  process.stdout.write(notesOf(read('CHANGELOG.md'), version))
}
