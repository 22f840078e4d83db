/** Shared schemas of the OpenAPI document: each is defined once under components and referenced everywhere else. */
import { isObject } from '../../core/json.ts'

const PREFIX = '#/components/schemas/'

/** Each schema with an `$id`, at any depth of `schemas`, by its id and in its form under components. */
export function components(schemas: object): Record<string, object> {
  const found: Record<string, object> = {}
  collect(Object.values(schemas), found)
  return found
}

/** A copy of `value` in which every schema with an `$id` is moved to `found` and replaced by a reference. */
function collect(value: unknown, found: Record<string, object>): unknown {
  if (Array.isArray(value)) return value.map((item) => collect(item, found))
  if (!isObject(value)) return value
  const { $id, ...rest } = value
  const copy = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, collect(item, found)]))
  if (typeof $id !== 'string') return copy
  found[$id] = copy
  return { $ref: PREFIX + $id }
}

/** A copy of `value` in which everything equal to a component is a reference. */
export function refer(value: unknown, shared: Readonly<Record<string, object>>): unknown {
  const names = new Map(Object.entries(shared).map(([name, schema]) => [JSON.stringify(schema), name]))
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit)
    if (!isObject(node)) return node
    const copy = Object.fromEntries(Object.entries(node).map(([key, item]) => [key, visit(item)]))
    const name = names.get(JSON.stringify(copy))
    return name === undefined ? copy : { $ref: PREFIX + name }
  }
  return visit(value)
}
