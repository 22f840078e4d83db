/**
 * What tells of the routes: the document at /openapi.json, and the page at /docs. Made when one of them is first asked for, since
 * they take as much memory as all the rest of REST and most bridges are never asked.
 */
import type { IncomingMessage } from 'node:http'
import type { App } from '../app.ts'
import { DOCS } from '../routing.ts'
import type { ApiSchemas } from '../schemas/index.ts'
import type { DocsAnswer, DocsSite, Told } from './site.ts'

/** What of a request decides about the answer. */
type Asked = Pick<IncomingMessage, 'url' | 'headers'>

export class Documents {
  readonly #version: string
  readonly #schemas: ApiSchemas
  readonly #routes: Told[] = []
  #site: Promise<DocsSite> | undefined

  constructor(version: string, schemas: ApiSchemas) {
    this.#version = version
    this.#schemas = schemas
  }

  /** Takes in the routes that are added after this. */
  watch(app: Pick<App, 'addHook'>): void {
    app.addHook('onRoute', ({ method, url, schema, config = {} }) => {
      if (method !== 'HEAD' && schema && !schema.hide) this.#routes.push({ method, url, schema, config })
    })
  }

  /** @param base the path below which whoever asks finds the API; empty for the root of the origin */
  async openapi(base: string): Promise<object> {
    return (await this.#made()).openapi(base)
  }

  /** What is at a path of the page. */
  async page({ url = DOCS, headers }: Asked, base: string): Promise<DocsAnswer> {
    return (await this.#made()).page(url, headers, base)
  }

  #made(): Promise<DocsSite> {
    this.#site ??= this.#make()
    return this.#site
  }

  async #make(): Promise<DocsSite> {
    const { openDocs } = await import('./site.ts')
    return openDocs({ at: DOCS, routes: this.#routes, version: this.#version, schemas: this.#schemas })
  }
}
