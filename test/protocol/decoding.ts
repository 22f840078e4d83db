/** Replies decoded with the rows of the catalog. */
import { isMirror, MODELS, type Model, type Value } from '../../src/catalog/index.ts'
import { parseParameters, parseTelemetry } from '../../src/protocol/replies.ts'
import { decodeValue } from '../../src/protocol/values.ts'
import { object } from '../support/fixtures.ts'

export type Values = Readonly<Record<string, Value>>

export function model(id: string): Model {
  const found = MODELS.find((candidate) => candidate.id === id)
  if (!found) throw new Error(`no model ${id}`)
  return found
}

export function decodeParameters({ parameters }: Model, reply: unknown): { values: Values; unknown: number[] } {
  const values: Record<string, Value> = {}
  const unknown: number[] = []
  for (const [id, { type, value }] of parseParameters(object(reply))) {
    const row = parameters.find((candidate) => candidate.id === id)
    if (row) values[row.key] = decodeValue(row.scale, value, type)
    else unknown.push(id)
  }
  return { values, unknown }
}

export function decodeTelemetry({ telemetry }: Model, reply: unknown): { values: Values; unknown: string[] } {
  const values: Record<string, Value> = {}
  const unknown: string[] = []
  for (const [field, raw] of parseTelemetry(object(reply)).fields) {
    const row = telemetry.find((candidate) => candidate.field === field)
    if (row) values[isMirror(row) ? row.mirrors : row.key] = decodeValue(row.scale, raw)
    else unknown.push(field)
  }
  return { values, unknown }
}
