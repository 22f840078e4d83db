/** Kinds of replaced data: a pseudonym shows its kind, and equal texts get the same pseudonym everywhere. */
export type PersonalKind = 'serial' | 'device' | 'room' | 'address' | 'account' | 'user' | 'mail'

/** Addresses that belong to no person or house. */
const COMMON = /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|255\.255\.255\.255|::1?|localhost|admin|root|node|default)$/i

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

const MAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g
const IPV6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi
const MAC = /(?<![\w:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![\w:-])/gi
const HOME = /(?<=\/(?:home|Users)\/)[^/\s"':,]+/g
/** Serials of this or another house, and other long texts that mean nothing to people. */
const LONG = /(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[0-9A-F]{20,64}(?![A-Za-z0-9])/gi

/** The replacement for texts without their own pseudonym. */
const UNNAMED = '…'

const NOTHING = /(?!)/g

const FORMS: readonly (readonly [RegExp, PersonalKind])[] = [
  [MAIL, 'mail'],
  [MAC, 'address'],
  [IPV4, 'address'],
  [IPV6, 'address'],
  [HOME, 'user'],
  [LONG, 'serial'],
]

/**
 * Longest first: of two names with the same beginning, the shorter would leave the end of the longer. Only whole words.
 */
function anyOf(texts: readonly string[]): RegExp {
  if (texts.length === 0) return NOTHING
  const longestFirst = texts.toSorted((a, b) => b.length - a.length).map(escaped)
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`, 'giu')
}

interface StandIn {
  readonly name: string
  /** The original text to search for: some texts differ after conversion to lower case and back. */
  readonly spelling: string | undefined
}

/**
 * Removes people and places from texts. Known texts are given to `add`; addresses, mail addresses, serials and home
 * folder names are also found by their form.
 */
export class Pseudonyms {
  /** Pseudonyms by the replaced text in lower case, and their number of each kind. */
  readonly #made = { standIns: new Map<string, StandIn>(), counts: new Map<PersonalKind, number>() }
  #pattern: RegExp | undefined

  /** Texts that are too common, or too short to search for, are left unchanged. */
  add(kind: PersonalKind, text: string | null | undefined): void {
    const key = text?.toLowerCase()
    if (!text || !key || text.length < 2 || COMMON.test(text) || this.#made.standIns.has(key)) return
    this.#standIn(kind, key, text)
    this.#pattern = undefined
  }

  /** Another form of a known text, such as the beginning of a serial. */
  alias(text: string, of: string): void {
    const name = this.#made.standIns.get(of.toLowerCase())?.name ?? UNNAMED
    this.#made.standIns.set(text.toLowerCase(), { name, spelling: text })
    this.#pattern = undefined
  }

  text(text: string): string {
    const clean = text.replace(this.#all(), (found) => this.#of(found))
    return FORMS.reduce((rest, [form, kind]) => rest.replace(form, (found) => this.#found(kind, found)), clean)
  }

  /** A deep copy in which all texts, values and keys, are clean. */
  apply(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((item) => this.apply(item))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.apply(item)]))
  }

  #of(found: string): string {
    // Two spellings may be equal for the pattern but not for `toLowerCase`.
    return this.#made.standIns.get(found.toLowerCase())?.name ?? UNNAMED
  }

  #found(kind: PersonalKind, found: string): string {
    // A time such as 12:30:45 also looks like an address.
    if (COMMON.test(found) || /^\d{1,2}:\d{2}:\d{2}$/.test(found)) return found
    return this.#made.standIns.get(found.toLowerCase())?.name ?? this.#standIn(kind, found.toLowerCase())
  }

  #standIn(kind: PersonalKind, key: string, spelling?: string): string {
    const number = (this.#made.counts.get(kind) ?? 0) + 1
    this.#made.counts.set(kind, number)
    const name = `${kind}-${number}`
    this.#made.standIns.set(key, { name, spelling })
    return name
  }

  #all(): RegExp {
    this.#pattern ??= anyOf([...this.#made.standIns.values()].flatMap(({ spelling }) => spelling ?? []))
    return this.#pattern
  }
}
