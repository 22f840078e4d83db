import { readFileSync } from 'node:fs'
import { isObject, type JsonObject } from '../../src/core/json.ts'

/** A file of test/fixtures, parsed. */
export function fixture(name: string): JsonObject {
  return fixtureIn(new URL(`../fixtures/${name}.json`, import.meta.url))
}

/** A fixture that lies elsewhere, such as a recording that was just made. */
export function fixtureIn(file: string | URL): JsonObject {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return object(parsed)
}

/** `value` as an object; an error when the fixture is not what the test takes it for. */
export function object(value: unknown): JsonObject {
  if (!isObject(value)) throw new Error('the fixture holds no object here')
  return value
}

/** `value` as a list; an error when the fixture is not what the test takes it for. */
export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('the fixture holds no list here')
  return value
}
