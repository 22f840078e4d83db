/** YAML, of which JSON is a part: one document with text as keys, from whoever wrote it. */

/** The parser's own messages repeat pieces of the text, which can be passwords; these are said instead. */
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

/** Why a text is not taken. Nothing of the text is in it. */
export class YamlProblem extends Error {
  /** From 1; null when it is about the whole. */
  readonly place: { readonly line: number; readonly column: number } | null

  constructor(reason: string, place: YamlProblem['place'] = null) {
    super(reason)
    this.name = 'YamlProblem'
    this.place = place
  }
}

export interface Yaml {
  /** Plain data. */
  readonly value: unknown
  /** The line of the value that the names and indexes lead to. */
  lineOf(steps: readonly (string | number)[]): number | undefined
}

/**
 * The parser is loaded here and not before: it takes longer than all the rest of a start.
 * @param mostAliases uses of anchors, each counted as often as it is repeated: they make a small text large
 * @throws YamlProblem
 */
export async function parseYaml(text: string, mostAliases: number): Promise<Yaml> {
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
    const { line, col: column } = lines.linePos(problem.pos[0])
    throw new YamlProblem(REASONS[problem.code] ?? 'it is not valid YAML or JSON', { line, column })
  }
  const lineOf = (steps: readonly (string | number)[]) => {
    const node = steps.length === 0 ? document.contents : document.getIn(steps, true)
    const start = yaml.isNode(node) ? node.range?.[0] : undefined
    return start === undefined ? undefined : lines.linePos(start).line
  }
  try {
    return { value: document.toJS({ maxAliasCount: mostAliases }), lineOf }
  } catch {
    // The parser throws only for aliases here: an unknown one, or too many.
    throw new YamlProblem(
      `an alias (*name) is unknown, or there are more than ${mostAliases}; put text that begins with * in quotes`,
    )
  }
}
