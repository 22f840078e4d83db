import type { JsonValue } from '../../core/json.ts'
import { SCHEMA } from '../settings/index.ts'
import { isRow, type JsonSchema, plain, type Row, type Section } from '../settings/setting.ts'

/** JSON Schema of the settings file, draft 2020-12. Editors use it for completion, help and checks while typing. */
export function jsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: 'Generated from src/config/settings/index.ts; run "npm run generate" after changing it.',
    title: 'Settings of thermo2mqtt',
    ...sectionSchema(SCHEMA, true),
  }
}

/** A section that holds only comments is null, and the loader accepts that. */
function sectionSchema(section: Section, emptyAllowed: boolean): JsonSchema {
  const nodes = Object.entries(section)
  const must = nodes.filter(([, node]) => isRow(node) && isRequired(node)).map(([name]) => name)
  return {
    type: emptyAllowed ? ['object', 'null'] : 'object',
    additionalProperties: false,
    ...(must.length > 0 ? { required: must } : {}),
    properties: Object.fromEntries(
      nodes.map(([name, node]) => [name, isRow(node) ? rowSchema(node) : sectionSchema(node, true)]),
    ),
  }
}

/** Whether the file must contain a row, as far as a schema can express it. */
function isRequired(row: Row): boolean {
  return row.default === null && !row.nullable && row.otherwise === undefined
}

function rowSchema(row: Row): JsonSchema {
  const kind = row.items ? { ...row.json, items: sectionSchema(row.items, false) } : row.json
  const example = row.example === undefined ? {} : { examples: [row.example] }
  const standard = row.default === null ? {} : { default: defaultOf(row) }
  return {
    description: row.doc,
    ...(isRequired(row) ? kind : orNull(kind)),
    ...standard,
    ...example,
    ...(row.sensitive ? { writeOnly: true } : {}),
  }
}

/** In a file, null is a name with nothing after it, which counts as left out. */
function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: words, anyOf } = schema
  if (typeof type === 'string') return { ...schema, type: [type, 'null'] }
  if (Array.isArray(words)) return { ...schema, enum: [...words, null] }
  return { ...schema, anyOf: [...(Array.isArray(anyOf) ? anyOf : []), { type: 'null' }] }
}

/** The default as written in a file, with durations as text. */
export function defaultOf(row: Row): JsonValue {
  return row.show ? row.show(row.default) : plain(row.default)
}
