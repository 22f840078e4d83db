/** Writes the generated documents; with --check only compares, and ends with exit code 1 when one is not fresh. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DOCUMENTS, type GeneratedDocument } from './documents.ts'

const TOP = join(import.meta.dirname, '..')

/** The paths of the documents under `top` that differ from what would be written now, or are not there. */
export async function staleDocuments(
  top: string = TOP,
  documents: readonly GeneratedDocument[] = DOCUMENTS,
): Promise<string[]> {
  const stale: string[] = []
  for (const { path, make } of documents) {
    if (contentOf(join(top, path)) !== (await make())) stale.push(path)
  }
  return stale
}

/** Writes those documents under `top` that are not fresh, and returns their paths. */
export async function writeDocuments(
  top: string = TOP,
  documents: readonly GeneratedDocument[] = DOCUMENTS,
): Promise<string[]> {
  const stale = await staleDocuments(top, documents)
  for (const { path, make } of documents.filter((document) => stale.includes(document.path))) {
    mkdirSync(dirname(join(top, path)), { recursive: true })
    writeFileSync(join(top, path), await make())
  }
  return stale
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Returns the exit code. */
export async function main(
  args: readonly string[],
  say: (line: string) => void = console.log,
  top: string = TOP,
): Promise<number> {
  const check = args.includes('--check')
  const paths = check ? await staleDocuments(top) : await writeDocuments(top)
  for (const path of paths) say(check ? `${path} is not fresh: run npm run generate` : `${path} written`)
  return check && paths.length > 0 ? 1 : 0
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
