/** YAML, including JSON: one untrusted document with text keys. */

/** The parser's own messages repeat parts of the text, which may be passwords; these texts replace them. */
const REASONS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'the indentation is wrong or a bracket is not closed',
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  DUPLICATE_KEY: 'the same name appears twice in one section',
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

/** Why a text is refused. Contains nothing of the text. */
export class YamlProblem extends Error {
  /** Counted from 1; null if it concerns the whole text. */
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
  /** The line of the value at these names and indexes. */
  lineOf(steps: readonly (string | number)[]): number | undefined
}

/**
 * The parser is loaded only here, because that takes longer than the rest of a start.
 * @param mostAliases the most uses of anchors, counting every repetition: they make a small text large
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
    // Warnings become errors below; with 'silent' a second document would be dropped silently.
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
