import './no-hooks.ts'
import './unwatched.ts'
import { globSync } from 'node:fs'

const TESTS = new URL('../', import.meta.url)

/** The test files of a folder of `test` and of its rooms, as addresses. */
export const testsOf = (folder: string): string[] =>
  globSync(`${folder}/**/*.test.ts`, { cwd: TESTS })
    .sort()
    .map((file) => new URL(file, TESTS).href)

/**
 * Tests in which no look is different: they show no page, or go through all looks by themselves. `TEST_LOOK=phone` does not repeat
 * them. What is not named here is repeated.
 */
export const OF_EVERY_LOOK =
  /\/test\/web\/(state\/.*|app\/(icons|installable|repeatedly)|browser\/sizes|log\/lines|serving|texts)\.test\.ts$/

/** Those of a folder that this run is to take in. */
const takenIn = (folder: string): string[] =>
  testsOf(folder).filter((file) => process.env.TEST_LOOK !== 'phone' || !OF_EVERY_LOOK.test(file))

/**
 * Takes in the tests of a folder and of its rooms, or one of several equal parts of it, to be run in this process one after another. A process
 * for each file would spend more time on starting and on loading the same packages than on the tests.
 */
export async function runFolder(folder: string, { part = 1, of = 1 } = {}): Promise<void> {
  for (const [index, file] of takenIn(folder).entries()) if (index % of === part - 1) await import(file)
}
