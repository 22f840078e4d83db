/** A message stored by the embedded broker. */
import type { AedesPublishPacket, PublishPacket } from 'aedes'
import { packetSize, userPropertyCount } from './packet-size.ts'

/** Approximate bytes of overhead for storing a message, besides its size on the wire. */
export const OVERHEAD = 512

/** The same for each user property: eight bytes on the wire are some 60 in memory. */
const PROPERTY_OVERHEAD = 64

export const heldBytes = (message: PublishPacket): number =>
  packetSize(message) + OVERHEAD + PROPERTY_OVERHEAD * userPropertyCount(message)

/** The payload is copied: otherwise ten bytes would keep a 64 KiB buffer alive. */
export function copyOf(message: AedesPublishPacket): AedesPublishPacket {
  return { ...message, payload: Buffer.from(message.payload) }
}
