/** The UDP broadcasts of the devices (vendors' documents, "Device search"). Anybody on the LAN can send one. */
import { isObject, parseJson } from '../core/json.ts'
import { readSerial } from '../core/serial.ts'

export interface Beacon {
  readonly serial: string
  readonly hw: string | null
  readonly connection: string | null
  /** dBm. */
  readonly wifi: number | null
  readonly cloud: boolean | null
}

/** A real one has about 150 bytes. */
export const MAX_BEACON_BYTES = 1024

const HW = /^[A-Za-z0-9_-]{1,16}$/
const CONNECTION = /^[A-Za-z]{1,16}$/

/** A beacon, or why the datagram is not one. */
export function parseBeacon(datagram: Buffer): Beacon | 'too_long' | 'not_json' | 'bad_serial' {
  if (datagram.length > MAX_BEACON_BYTES) return 'too_long'
  const message = parseJson(datagram.toString('utf8'))
  if (!isObject(message)) return 'not_json'
  const serial = readSerial(message.sn)
  if (serial === undefined) return 'bad_serial'
  const wifi = typeof message.wifi === 'string' ? Number.parseInt(message.wifi, 10) : message.wifi
  return {
    serial,
    hw: typeof message.hw === 'string' && HW.test(message.hw) ? message.hw : null,
    connection:
      typeof message.connection === 'string' && CONNECTION.test(message.connection) ? message.connection : null,
    wifi: typeof wifi === 'number' && wifi >= -127 && wifi <= 128 ? wifi : null,
    cloud: message.cloud === 'true' ? true : message.cloud === 'false' ? false : null,
  }
}
