/** Markdown, as far as the tests of the documents have to understand it. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const TOP = fileURLToPath(new URL('../..', import.meta.url))

export const read = (path: string): string => readFileSync(`${TOP}/${path}`, 'utf8')

export const exists = (path: string): boolean => existsSync(`${TOP}/${path}`)

/** The pages for users, the README first. */
export const PAGES: readonly string[] = ['README.md', ...readdirSync(`${TOP}/docs`).map((name) => `docs/${name}`)]

/** Every file of the repository that is still there; undefined outside of a repository, such as in an unpacked archive. */
export function repositoryFiles(): string[] | undefined {
  if (!existsSync(`${TOP}/.git`)) return undefined
  const listed = execFileSync('git', ['-C', TOP, 'ls-files', '-z'], { encoding: 'utf8' })
  return listed.split('\0').filter((path) => path !== '' && exists(path))
}

/** What stands in a document besides its blocks of code. */
export const prose = (text: string): string => text.replace(/^ *```[\s\S]*?^ *```$/gm, '')

/** The blocks of code in `language`. */
export function blocks(text: string, language: string): string[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm')
  return [...text.matchAll(fence)].map(([, , body = '']) => body)
}

/** What stands between backquotes in a line. */
export const codes = (text: string): string[] => [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)

/** The targets of the links. */
export function links(text: string): string[] {
  const plain = prose(text).replace(/`[^`\n]*`/g, '')
  return [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

/** The anchors that headings get: lower case, without punctuation, hyphens for spaces. */
export function anchors(text: string): Set<string> {
  const headings = [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-')
  return new Set(headings.map(slug))
}

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())

/** Every table: its rows, head and rule among them, each as its cells. */
export function tables(text: string): string[][][] {
  const found = [...prose(text).matchAll(/(?:^\|.*\n)+/gm)]
  return found.map(([lines]) => lines.trimEnd().split('\n').map(cellsOf))
}
