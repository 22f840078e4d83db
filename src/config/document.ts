import { SettingsError } from './errors.ts'

/** A parsed configuration file. */
export interface Document {
  readonly path: string
  /** Plain data; what it holds is not checked yet. */
  readonly value: unknown
  /** `path:line` of the value that the names and indexes lead to. */
  at(steps: readonly (string | number)[]): string
}

/** Anchors make a small file large: no configuration needs more than a few uses of them. */
const MOST_ALIASES = 50

/** The parser's own messages repeat pieces of the file, which can be passwords; these are said instead. */
const REASONS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'the indentation is wrong or a bracket is not closed',
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  DUPLICATE_KEY: 'the same name stands twice in one section',
  BLOCK_AS_IMPLICIT_KEY: 'there is a second ": " in the line; put the text in quotes',
  MULTILINE_IMPLICIT_KEY: 'a name has no ":" after it, or a quote is not closed',
  MISSING_CHAR: 'a quote, bracket, comma or ":" is missing',
  BAD_SCALAR_START: 'a text begins with a character that needs quotes',
  BAD_ALIAS: 'a text begins with *; put it in quotes',
  UNRESOLVED_ALIAS: 'a text begins with *; put it in quotes',
  BAD_DQ_ESCAPE: 'a \\ in double quotes means something else; use single quotes',
  TAG_RESOLVE_FAILED: 'a text begins with !; put it in quotes',
  MULTIPLE_DOCS: 'there is a second document after ---',
  NON_STRING_KEY: 'a name is not text',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
}

/**
 * Parses YAML, of which JSON is a part. The parser is loaded here and not before: it takes longer than all the rest,
 * and most containers have no file. Throws `SettingsError` with line and column.
 */
export async function parseDocument(text: string, path: string): Promise<Document> {
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, {
    schema: 'core',
    stringKeys: true,
    prettyErrors: false,
    lineCounter: lines,
    // Warnings are errors below; with 'silent' a second document would be dropped without a word.
    logLevel: 'error',
  })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0])
    const reason = REASONS[problem.code] ?? 'it is not valid YAML or JSON'
    throw new SettingsError(`configuration file ${path}, line ${line}, column ${col}: ${reason}`)
  }

  const where = (steps: readonly (string | number)[]): string => {
    const node = steps.length === 0 ? document.contents : document.getIn(steps, true)
    const start = yaml.isNode(node) ? node.range?.[0] : undefined
    return start === undefined ? path : `${path}:${lines.linePos(start).line}`
  }
  try {
    return { path, value: document.toJS({ maxAliasCount: MOST_ALIASES }), at: where }
  } catch {
    // The parser throws only for aliases here: an unknown one, or too many.
    throw new SettingsError(
      `configuration file ${path}: an alias (*name) is unknown, or there are more than ${MOST_ALIASES}; put text that begins with * in quotes`,
    )
  }
}
