export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }
export type JsonObject = { readonly [key: string]: unknown }

/** Parses text that came from outside; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Fills the gaps of JSON such as `{"text": "{message}"}`; a gap without a value stays.
 * @param values put in as they are, escaped for JSON
 */
export const fillJson = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{([a-z]+)\}/g, (gap, name: string) => {
    const value = values[name]
    return value === undefined ? gap : JSON.stringify(value).slice(1, -1)
  })
