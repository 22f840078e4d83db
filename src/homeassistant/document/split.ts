/** A discovery document in parts, for brokers that accept no large messages. */
import type { DiscoveryDocument } from './types.ts'

type Components = DiscoveryDocument['components']
type Entry = readonly [key: string, component: Components[string]]

export interface Split {
  /** In order; just one if the whole document fits. */
  readonly parts: readonly DiscoveryDocument[]
  /** Keys of components that are too large on their own. */
  readonly left: readonly string[]
}

/** A comma and a colon, for each component. */
const FRAME = 2

/** Bytes reserved in each part for removed components, each with its bare platform. */
const SPARE = 512

/**
 * Home Assistant combines several documents of one device by its identifiers. It knows each component by the topic of its
 * document, so a component stays in its part if possible.
 * @param largest the most bytes of a document
 * @param toldIn number of the part in which Home Assistant knows a component, from 0; undefined for a new one
 */
export function split(
  document: DiscoveryDocument,
  largest: number,
  toldIn: (key: string) => number | undefined,
): Split {
  if (largest === Number.POSITIVE_INFINITY || bytesOf(document) <= largest) return { parts: [document], left: [] }
  const room = largest - bytesOf({ ...document, components: {} }) - SPARE
  const bins: Bin[] = []
  const left: string[] = []
  const homeless: Entry[] = []
  for (const entry of Object.entries(document.components)) {
    const told = toldIn(entry[0])
    if (sizeOf(entry) > room) left.push(entry[0])
    else if (told === undefined || !put(bins, room, entry, told)) homeless.push(entry)
  }
  const settle = (entry: Entry): void => {
    for (let index = 0; !put(bins, room, entry, index); ) index++
  }
  for (const entry of homeless) settle(entry)
  // Documents of an earlier run are found part by part, so there must be no gap.
  while (bins.some(({ entries }) => entries.length === 0)) {
    for (const entry of bins.pop()?.entries ?? []) settle(entry)
  }
  return { parts: bins.map(({ entries }) => ({ ...document, components: Object.fromEntries(entries) })), left }
}

interface Bin {
  free: number
  readonly entries: Entry[]
}

function put(bins: Bin[], room: number, entry: Entry, index: number): boolean {
  while (bins.length <= index) bins.push({ free: room, entries: [] })
  const bin = bins[index]
  const size = sizeOf(entry)
  if (!bin || bin.free < size) return false
  bin.free -= size
  bin.entries.push(entry)
  return true
}

const bytesOf = (document: DiscoveryDocument): number => Buffer.byteLength(JSON.stringify(document))

const sizeOf = ([key, component]: Entry): number =>
  Buffer.byteLength(JSON.stringify(key)) + Buffer.byteLength(JSON.stringify(component)) + FRAME
