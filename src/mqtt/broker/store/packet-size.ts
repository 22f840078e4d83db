/** The size of a message on the wire (MQTT 5, sections 2.1 and 3.3). */
import type { PublishPacket } from 'aedes'

type Properties = NonNullable<PublishPacket['properties']>

/** Bytes of an identifier and of a length in front of a text. */
const ID = 1
const LENGTH = 2

/** Bytes of a PUBLISH of MQTT 5. */
export function packetSize({ topic, payload, qos, properties }: PublishPacket): number {
  const more = propertiesSize(properties)
  const body = LENGTH + bytesOf(topic) + (qos > 0 ? LENGTH : 0) + varint(more) + more + bytesOf(payload)
  return 1 + varint(body) + body
}

/** The number of user properties; each takes memory, however short it is. */
export function userPropertyCount({ properties }: PublishPacket): number {
  return Object.values(properties?.userProperties ?? {}).reduce((count, values) => count + [values].flat().length, 0)
}

/** Bytes of the properties of a PUBLISH, without the length in front of them. */
function propertiesSize(properties: Properties | undefined): number {
  if (!properties) return 0
  const { responseTopic, correlationData, contentType, userProperties, subscriptionIdentifier } = properties
  let size = 0
  for (const text of [responseTopic, correlationData, contentType]) {
    if (text !== undefined) size += ID + LENGTH + bytesOf(text)
  }
  for (const [name, values] of Object.entries(userProperties ?? {})) {
    for (const value of [values].flat()) size += ID + LENGTH + bytesOf(name) + LENGTH + bytesOf(value)
  }
  for (const number of [subscriptionIdentifier ?? []].flat()) size += ID + varint(number)
  if (properties.payloadFormatIndicator !== undefined) size += ID + 1
  if (properties.messageExpiryInterval !== undefined) size += ID + 4
  return size
}

const bytesOf = (text: string | Buffer): number => Buffer.byteLength(text)

/** Bytes of a variable byte integer (section 1.5.5). */
const varint = (value: number): number => (value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4)
