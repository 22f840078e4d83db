import { isObject } from '../src/core/json.ts'

const WIDTH = 120

/** JSON as the formatter of the project leaves it: lists on one line where they fit, objects never. */
export function formatJson(value: unknown): string {
  return `${write(value, '', 0)}\n`
}

/** `taken` is the room that the line has already used before the value. */
function write(value: unknown, indent: string, taken: number): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const flat = flatList(value)
    if (flat !== undefined && taken + flat.length + 1 <= WIDTH) return flat
    return `[\n${value.map((item) => inner + write(item, inner, inner.length)).join(',\n')}\n${indent}]`
  }
  if (isObject(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    if (entries.length === 0) return '{}'
    const lines = entries.map(([name, item]) => {
      const start = `${inner}${JSON.stringify(name)}: `
      return start + write(item, inner, start.length)
    })
    return `{\n${lines.join(',\n')}\n${indent}}`
  }
  return JSON.stringify(value)
}

/** A list on one line, unless an object with something in it is there. */
function flatList(list: readonly unknown[]): string | undefined {
  const items = list.map((item) =>
    Array.isArray(item) ? flatList(item) : isFilled(item) ? undefined : JSON.stringify(item),
  )
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`
}

const isFilled = (item: unknown): boolean => isObject(item) && Object.values(item).some((value) => value !== undefined)
