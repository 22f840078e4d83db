import { isObject } from '../../core/json.ts'
import { readSerial } from '../../core/serial.ts'
import { badAnswer, SessionRejected } from '../failures.ts'
import type { CloudAnswer, CloudHttp, CloudRequest } from '../http.ts'
import type { CloudDevice, Directory, ListShape } from './provider.ts'

export interface DirectoryOptions {
  readonly http: CloudHttp
  readonly shape: ListShape
  /** Sends a request with the session's credentials. */
  readonly send: (request: CloudRequest) => Promise<CloudAnswer>
}

const MAX_PAGES = 2_000
const MAX_DEVICES = 20_000

const LONGEST_TEXT = 256

/**
 * Reads a device list page by page. `next` is followed only on the account's own host, never twice to one page, and not
 * endlessly. If it leads elsewhere, the list ends there with a reason, and what was read counts.
 * @throws SessionRejected, and what `CloudHttp.send` throws; then nothing counts.
 */
export async function fetchDirectory(options: DirectoryOptions): Promise<Directory> {
  const { http, shape } = options
  const records = new Records(shape)
  const first: CloudRequest = { method: 'GET', target: shape.path }
  const seen = new Set([http.resolve(first).href])
  let request: CloudRequest | undefined = first
  while (request) {
    const page = await fetchPage(request, options)
    const items = at(page, shape.items)
    if (!Array.isArray(items)) throw badAnswer(http.host, 'its device list is not a list')
    for (const item of items) records.add(item)
    const next = at(page, shape.next)
    if (next === null || next === undefined || next === '') break
    const url = http.follow(next, http.resolve(request))
    if (url === undefined) return records.directory('its link to the next page leads to another server')
    if (seen.has(url.href)) return records.directory('its pages form a loop')
    if (seen.size >= MAX_PAGES || records.full) return records.directory('it has no end')
    seen.add(url.href)
    request = { method: 'GET', target: url }
  }
  return records.directory(null)
}

async function fetchPage(request: CloudRequest, { http, send }: DirectoryOptions): Promise<unknown> {
  const { status, body } = await send(request)
  if (status === 401 || status === 403) throw new SessionRejected(http.host)
  if (status >= 400) throw badAnswer(http.host, `its device list answers ${status}`)
  return body
}

/** Collects records one by one; a bad one is only left out itself. */
class Records {
  readonly #shape: ListShape
  readonly #devices = new Map<string, CloudDevice>()
  readonly #dropped: Record<string, number> = {}

  constructor(shape: ListShape) {
    this.#shape = shape
  }

  get full(): boolean {
    return this.#devices.size >= MAX_DEVICES
  }

  add(record: unknown): void {
    const serial = readSerial(at(record, this.#shape.serial))
    if (serial === undefined) {
      this.#count('without a valid serial')
      return
    }
    const key = at(record, this.#shape.key)
    const known = this.#devices.get(serial)
    if (known) this.#count('repeated')
    if (key === undefined || key === null || key === '') this.#count('without a key')
    else if (!isKey(key)) this.#count('with a key that is not 16 ASCII characters')
    this.#devices.set(serial, {
      serial,
      name: text(at(record, this.#shape.name)) ?? known?.name ?? null,
      type: text(at(record, this.#shape.type)) ?? known?.type ?? null,
      version: text(at(record, this.#shape.version)) ?? known?.version ?? null,
      // Lists are in order of binding, so of two records of a device the later one has the valid key.
      key: isKey(key) ? key : known?.key,
    })
  }

  directory(cut: string | null): Directory {
    return { devices: [...this.#devices.values()], dropped: this.#dropped, cut }
  }

  #count(reason: string): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1
  }
}

const isKey = (value: unknown): value is string => typeof value === 'string' && /^[\x20-\x7e]{16}$/.test(value)

/** A name without control characters; undefined if there is none. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string' || [...value].length > LONGEST_TEXT) return undefined
  return value.replaceAll(/\p{Cc}/gu, ' ').trim() || undefined
}

/** The value at a dotted path; '' is the value itself. */
function at(value: unknown, path: string): unknown {
  if (path === '') return value
  let found: unknown = value
  for (const name of path.split('.')) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined
    found = found[name]
  }
  return found
}
