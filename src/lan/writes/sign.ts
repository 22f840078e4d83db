import type { Dialect } from '../../protocol/d2w.ts'
import { OBJECT_PREFIX } from '../../protocol/d2w.ts'
import { totp } from '../../protocol/totp.ts'
import type { CounterBase } from '../types.ts'

/** The two fields of a signature, both strings on the wire. */
export interface Signature {
  /** The device's own clock, seconds since 2000. */
  readonly time: string
  readonly auth: string
}

/** How to sign: the key, and the start of counting. */
export interface Signing {
  readonly key: string
  readonly base: CounterBase
}

export function signature({ key, base }: Signing, deviceTime: number): Signature {
  const time = Math.floor(deviceTime)
  return { time: String(time), auth: totp(key, time, base) }
}

/**
 * The body of a write. The signature comes right after `sn` and before the data (vendors' documents, "Safety").
 * @param data the data as JSON without its braces, such as `"par":[[125,7,"0"]]`
 */
export function writeBody(
  serial: string,
  data: string,
  signed: Signature | undefined,
  dialect: Dialect | null = null,
): string {
  const sn = `${dialect === 'object' ? OBJECT_PREFIX : ''}"sn":${JSON.stringify(serial)}`
  return signed ? `{${sn},"time":"${signed.time}","auth":"${signed.auth}",${data}}` : `{${sn},${data}}`
}

/** The body of a reset, in the order of the vendors' documents: the command first. */
export function commandBody(serial: string, cmd: number, signed: Signature | undefined): string {
  const sn = `"cmd":${cmd},"sn":${JSON.stringify(serial)}`
  return signed ? `{${sn},"time":"${signed.time}","auth":"${signed.auth}"}` : `{${sn}}`
}

/**
 * The body that sets the clock. Its `time` is the new time, so there is no place for the signature's (OZ document,
 * "Time").
 */
export function clockBody(serial: string, data: string, signed: Signature | undefined): string {
  const body = `"sn":${JSON.stringify(serial)},${data}`
  return signed ? `{${body},"auth":"${signed.auth}"}` : `{${body}}`
}
