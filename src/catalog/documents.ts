/** The vendors' documents that the rows come from, and where to find them. */
import type { DocumentId } from './types.ts'

/** Repositories `my-terneo/terneo-api` and `welrok/welrok_local_api`; the latter has a folder per model. */
const DOCUMENTS: Readonly<Record<DocumentId, string>> = {
  terneo: 'Terneo',
  az: 'Welrok AZ',
  oz: 'Welrok OZ',
  old: 'Welrok OZ before June 2025',
  ms: 'Welrok MS',
  d2w: 'Welrok D2W',
  captured_sx: 'captured from SX units by an owner',
}

export const EVERY = ['terneo', 'az', 'oz', 'old'] as const
export const WITH_AIR = ['terneo', 'oz'] as const
export const WELROK = ['az', 'oz', 'old'] as const
export const WELROK_AND_SX = ['captured_sx', 'az', 'oz', 'old'] as const
export const OZ_AND_SX = ['captured_sx', 'oz'] as const
export const TOUCH = ['captured_sx', 'oz', 'old'] as const

/** The newest document has another title for the chapter on parameters. */
const chapterOf = (document: DocumentId, part: 'parameters' | 'telemetry'): string => {
  if (part === 'telemetry') return 'Telemetry'
  return document === 'd2w' ? 'List of parameters' : 'Parameters list'
}

/**
 * The source of a model's row: the model's own document if it prints the row, otherwise the first document that does. A
 * unit may send values that its own document leaves out.
 */
export function sourceOf(
  documents: readonly [DocumentId, ...DocumentId[]],
  own: DocumentId,
  part: 'parameters' | 'telemetry',
): string {
  const document = documents.find((candidate) => candidate === own) ?? documents[0]
  if (document === 'captured_sx') return DOCUMENTS.captured_sx
  return `${DOCUMENTS[document]}, “${chapterOf(document, part)}”`
}
