import { parseYaml, YamlProblem } from '../../core/yaml.ts'
import { SettingsError } from '../errors.ts'

/** A parsed configuration file. */
export interface Document {
  readonly path: string
  /** Plain data, not checked yet. */
  readonly value: unknown
  /** `path:line` of the value at these names and indexes. */
  at(steps: readonly (string | number)[]): string
}

/** No configuration needs more than a few aliases. */
const MOST_ALIASES = 50

/** Parses YAML, which includes JSON. Throws `SettingsError` with line and column. */
export async function parseDocument(text: string, path: string): Promise<Document> {
  try {
    const { value, lineOf } = await parseYaml(text, MOST_ALIASES)
    const at = (steps: readonly (string | number)[]) => {
      const line = lineOf(steps)
      return line === undefined ? path : `${path}:${line}`
    }
    return { path, value, at }
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error
    const where = error.place === null ? '' : `, line ${error.place.line}, column ${error.place.column}`
    throw new SettingsError(`configuration file ${path}${where}: ${error.message}`)
  }
}
