/** Asks for the newest release, and takes in what may have been written by anybody. */
import { BridgeError } from '../core/errors.ts'
import { isObject, parseJson } from '../core/json.ts'
import { exchange } from '../core/network/exchange.ts'
import { isRelease } from './versions.ts'

export interface Release {
  /** Such as `1.2.0`. */
  readonly version: string
  /** The beginning of its notes as plain text; may be empty. */
  readonly summary: string
}

/** The answer lists every file of a release, at some 2 KB each. */
const LARGEST = 512 * 1024
/** Nothing here says which bridge asks, or which version it is. */
const HEADERS = { accept: 'application/json', 'user-agent': 'thermo2mqtt' }
/** Home Assistant keeps 255 characters. */
const LONGEST_SUMMARY = 250

/**
 * The newest release at a feed of the form of GitHub's `GET /repos/{owner}/{repo}/releases/latest`, which leaves out drafts
 * and those marked as not ready. Redirects are not followed.
 * @throws BridgeError `CLOUD_UNREACHABLE` for any answer that tells none
 */
export async function newestRelease(feed: URL, signal: AbortSignal): Promise<Release> {
  const release = releaseIn(parseJson(await read(feed, signal)))
  if (!release) throw unusable('the answer tells no release')
  return release
}

const unusable = (why: string) =>
  new BridgeError('CLOUD_UNREACHABLE', `It is not known which version is the newest: ${why}`)

async function read(feed: URL, signal: AbortSignal): Promise<string> {
  const asked = exchange(feed, { method: 'GET', headers: HEADERS, largest: LARGEST, signal })
  const { status, text } = await asked.catch((error: unknown) => {
    throw unusable(error instanceof Error ? error.message : String(error))
  })
  if (status !== 200) throw unusable(`the answer is ${status}`)
  return text
}

function releaseIn(answer: unknown): Release | undefined {
  if (!isObject(answer) || answer.draft === true || answer.prerelease === true) return undefined
  const { tag_name: tag, body } = answer
  if (typeof tag !== 'string') return undefined
  const version = tag.replace(/^v/, '')
  return isRelease(version) ? { version, summary: typeof body === 'string' ? plain(body) : '' } : undefined
}

/** The first words of notes in Markdown: no links, no markup, no control characters, in one line. */
function plain(notes: string): string {
  const text = notes
    .slice(0, 20 * LONGEST_SUMMARY)
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, '$1')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S*/gi, ' ')
    .replace(/[^\p{L}\p{N}\p{Zs}\n.,:;!?'’“”()%+/°–-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return text.length > LONGEST_SUMMARY ? `${text.slice(0, LONGEST_SUMMARY - 1).trimEnd()}…` : text
}
