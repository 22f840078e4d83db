import { AssertionError } from 'node:assert'
import type { Test } from 'tap'

/**
 * Checks all rows with one assertion, which names the first one that fails. An assertion for each of a thousand rows says no
 * more than that, and takes longer than what it checks. Fails as well where there are no rows, as then nothing is checked.
 * @param what what is true of each row
 * @param nameOf how to find a row again
 * @param check throws by `node:assert/strict`
 */
export function eachRow<Row>(
  t: Pick<Test, 'ok' | 'fail'>,
  what: string,
  rows: Iterable<Row>,
  nameOf: (row: Row) => string,
  check: (row: Row) => void,
): void {
  let count = 0
  for (const row of rows) {
    count++
    try {
      check(row)
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error
      const { message, actual: found, expected: wanted } = error
      t.fail(`${what}: ${nameOf(row)}: ${message.split('\n', 1)[0]}`, { found, wanted })
      return
    }
  }
  t.ok(count > 0, `${what}: ${count} rows`)
}
