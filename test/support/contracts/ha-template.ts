/**
 * Renders the few forms of templates that discovery documents use for values and commands, as Home Assistant does. It throws
 * for any other, so that a new form is not taken for a working one.
 */
import type { JsonObject } from '../../../src/core/json.ts'

export interface TemplateValues {
  readonly value_json?: JsonObject
  readonly value?: string | number
}

type Result = string | number | boolean | null | undefined
type Table = Map<Result, Result>

const TOKEN = /\s*('(?:[^'\\]|\\.)*'|[A-Za-z_][\w.]*|-?\d+(?:\.\d+)?|[{}(),:|])/y

function tokensOf(text: string): string[] {
  const found: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text)
    if (!match?.[1]) throw new Error(`cannot read the template ${text}`)
    found.push(match[1])
  }
  return found
}

class Expression {
  readonly #tokens: string[]
  readonly #values: TemplateValues

  constructor(text: string, values: TemplateValues) {
    // `{…}.get(` would be taken for a name with a dot in front.
    this.#tokens = tokensOf(text.replaceAll('}.get(', '} get('))
    this.#values = values
  }

  /** A term, with `or` and another after it, or a table as JSON; nothing may follow. */
  evaluate(): Result {
    const first = this.#termOrTable()
    if (first instanceof Map) {
      for (const expected of ['|', 'tojson']) this.#take(expected)
      if (this.#tokens.length === 0) return JSON.stringify(Object.fromEntries(first))
    }
    let result = first instanceof Map ? undefined : first
    while (this.#tokens[0] === 'or') {
      this.#tokens.shift()
      const other = this.#term()
      result = result ? result : other
    }
    if (this.#tokens.length > 0) throw new Error(`a form of template that is not known: ${this.#tokens.join(' ')}`)
    return result
  }

  #term(): Result {
    const term = this.#termOrTable()
    if (term instanceof Map) throw new Error('a table within a table')
    return term
  }

  #termOrTable(): Result | Table {
    if (this.#tokens[0] !== '{') return this.#name(this.#tokens.shift() ?? '')
    const table = this.#table()
    if (this.#next !== 'get') return table
    for (const expected of ['get', '(']) this.#take(expected)
    const key = this.#term()
    this.#take(',')
    const otherwise = this.#term()
    this.#take(')')
    return table.has(key) ? table.get(key) : otherwise
  }

  get #next(): string | undefined {
    return this.#tokens[0]
  }

  #table(): Map<Result, Result> {
    const table = new Map<Result, Result>()
    this.#take('{')
    while (this.#tokens[0] !== '}') {
      const key = this.#term()
      this.#take(':')
      table.set(key, this.#term())
      if (this.#tokens[0] === ',') this.#tokens.shift()
    }
    this.#take('}')
    return table
  }

  #name(token: string): Result {
    if (token.startsWith("'")) return JSON.parse(`"${token.slice(1, -1).replaceAll('"', '\\"')}"`)
    if (token === 'true' || token === 'false') return token === 'true'
    if (token === 'none') return null
    if (token === 'value') return this.#values.value
    const [of, key = '', ...more] = token.split('.')
    if (of !== 'value_json' || more.length > 0) throw new Error(`a name that is not known: ${token}`)
    const value = this.#values.value_json?.[key]
    return typeof value === 'object' && value !== null ? undefined : (value as Result)
  }

  #take(expected: string): void {
    const token = this.#tokens.shift()
    if (token !== expected) throw new Error(`${expected} expected, not ${token}`)
  }
}

/** What the template renders to, a text as in Home Assistant: `None` for null, nothing for what is missing. */
export function render(template: string, values: TemplateValues): string {
  const inside = /^\{\{ (.*) \}\}$/s.exec(template)?.[1]
  if (inside === undefined) throw new Error(`no template: ${template}`)
  const result = new Expression(inside, values).evaluate()
  if (result === undefined) return ''
  if (result === null) return 'None'
  return typeof result === 'boolean' ? (result ? 'True' : 'False') : String(result)
}
