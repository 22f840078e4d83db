import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'

/** Source files by their path under src, with `/`. */
export type Sources = ReadonlyMap<string, string>

/** Every TypeScript file under `folder`. */
export function readSources(folder: string): Sources {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.sort().map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')]))
}

/** A regular expression can begin after these, a division can not. */
const BEFORE_REGEX = /(^|[(,=:[!&|?{};\n]|=>|\b(return|typeof|case|in|of))\s*$/

/** Where the comment, text or regular expression that begins at `start` ends; undefined when none begins there. */
function skip(source: string, start: number): { end: number; comment: boolean } | undefined {
  const two = source.slice(start, start + 2)
  const until = (mark: string) => {
    const found = source.indexOf(mark, start + 2)
    return found < 0 ? source.length : found
  }
  if (two === '//') return { end: until('\n'), comment: true }
  if (two === '/*') return { end: until('*/') + 2, comment: true }
  const quote = source[start] ?? ''
  const regex = quote === '/' && BEFORE_REGEX.test(source.slice(Math.max(0, start - 20), start))
  if (!regex && !['"', "'", '`'].includes(quote)) return undefined
  let set = false
  for (let at = start + 1; at < source.length; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (regex && (char === '[' || char === ']')) set = char === '['
    else if (quote === '`' && char === '$' && source[at + 1] === '{') at = endOfBraces(source, at + 1)
    else if (char === quote && !set) return { end: at + 1, comment: false }
  }
  return { end: source.length, comment: false }
}

function endOfBraces(source: string, start: number): number {
  let depth = 0
  for (let at = start; at < source.length; at++) {
    const skipped = skip(source, at)
    if (skipped) at = skipped.end - 1
    else if (source[at] === '{') depth++
    else if (source[at] === '}' && --depth === 0) return at
  }
  return source.length
}

/** The code without its comments, and unless `texts`, without what stands in texts and regular expressions. */
export function codeOf(source: string, { texts = false } = {}): string {
  let code = ''
  for (let at = 0; at < source.length; at++) {
    const skipped = skip(source, at)
    if (!skipped) {
      code += source[at]
      continue
    }
    const passage = source.slice(at, skipped.end)
    if (skipped.comment) code += passage.replace(/[^\n]/g, ' ')
    else code += texts ? passage : `${passage[0]}${passage.slice(1, -1).replace(/[^\n]/g, '_')}${passage[0]}`
    at = skipped.end - 1
  }
  return code
}

export interface Import {
  /** Path under src for a file of ours, else the package as written. */
  readonly to: string
  readonly ours: boolean
  /** `type` is gone when the program runs; `lazy` happens when the code that holds it does. */
  readonly kind: 'value' | 'type' | 'lazy'
}

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?['"]([^'"\n]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]\s*[,)]/g

/** What a file imports or exports from others. */
export function importsOf(path: string, source: string): readonly Import[] {
  const code = codeOf(source, { texts: true })
  const resolve = (to: string, kind: Import['kind']): Import => {
    const ours = to.startsWith('.')
    return { to: ours ? posix.join(posix.dirname(path), to) : to, ours, kind }
  }
  return [
    ...[...code.matchAll(STATIC)].map(([, type, to = '']) => resolve(to, type ? 'type' : 'value')),
    ...[...code.matchAll(DYNAMIC)].map(([, to = '']) => resolve(to, 'lazy')),
  ]
}

/** 1-based line of an offset. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length
