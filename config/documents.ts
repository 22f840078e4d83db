/**
 * Every generated document: where it stands and what makes it. To add one, write a maker next to the code that it
 * documents (`src/<folder>/reference.ts`) and add a row here; `npm run check` then keeps it fresh.
 */
import { errorReference } from '../src/api/documents/error-codes.ts'
import { openapiDocument, restReference } from '../src/api/documents/reference.ts'
import { englishNames } from '../src/catalog/locales/reference.ts'
import { parameterReference } from '../src/catalog/reference.ts'
import { example } from '../src/config/documents/example.ts'
import { jsonSchema } from '../src/config/documents/json-schema.ts'
import { reference } from '../src/config/documents/reference.ts'
import { homieColumn } from '../src/homie/reference.ts'
import { topicReference } from '../src/mqtt/reference/index.ts'
import { formatJson } from './json.ts'

export interface GeneratedDocument {
  /** From the top of the project. */
  readonly path: string
  /** The whole text of the file. */
  make(): string | Promise<string>
}

export const DOCUMENTS: readonly GeneratedDocument[] = [
  { path: 'config/README.md', make: reference },
  { path: 'config/example.yaml', make: example },
  { path: 'config/REST.md', make: restReference },
  { path: 'config/openapi.json', make: async () => formatJson(await openapiDocument()) },
  { path: 'config/PARAMETERS.md', make: () => parameterReference([homieColumn]) },
  { path: 'config/TOPICS.md', make: topicReference },
  { path: 'src/catalog/locales/names/en.json', make: () => formatJson(englishNames()) },
  { path: 'docs/error-codes.md', make: errorReference },
  { path: 'config/schema.json', make: () => formatJson(jsonSchema()) },
]
