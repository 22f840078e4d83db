/** A message that the embedded broker keeps. */
import type { AedesPublishPacket, PublishPacket } from 'aedes'
import { packetSize, userPropertyCount } from './packet-size.ts'

/** Bytes that keeping a message takes besides what it is on the wire, roughly. */
export const OVERHEAD = 512

/** The same for each user property: eight bytes on the wire are some 60 in memory. */
const PROPERTY_OVERHEAD = 64

export const heldBytes = (message: PublishPacket): number =>
  packetSize(message) + OVERHEAD + PROPERTY_OVERHEAD * userPropertyCount(message)

/** The payload is copied: one of ten bytes would hold the 64 KiB that it came in. */
export function copyOf(message: AedesPublishPacket): AedesPublishPacket {
  return { ...message, payload: Buffer.from(message.payload) }
}
