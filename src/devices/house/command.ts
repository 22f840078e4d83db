/** Reads what is asked of the house. */
import { BridgeError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { isSerial, spelled } from '../../core/serial.ts'
import { EPOCH_2000, parseIso } from '../../protocol/epoch.ts'
import { hostZone } from '../clock/zones.ts'
import { HOUSE_MODES, type HouseMode } from './types.ts'

/** Milliseconds: devices hold no end of away much later than six years from now. */
const LATEST = 5 * 366 * 86_400_000

const MOST_DEVICES = 1_000

const KEYS: readonly string[] = ['mode', 'until', 'room', 'devices', 'transaction']

export interface HouseCommand {
  readonly mode: HouseMode
  /** Unix ms; null until it is taken back. */
  readonly until: number | null
  /** As it was written; null for the whole house. */
  readonly room: unknown
  /** null for all devices of the room or the house. */
  readonly devices: readonly string[] | null
}

const bad = (message: string, field: string): BridgeError =>
  new BridgeError('BAD_REQUEST', message, { details: { field } })

/** @param now Unix ms. @throws BridgeError `BAD_REQUEST`, `OUT_OF_RANGE` */
export function readHouseCommand(command: unknown, now: number): HouseCommand {
  if (!isObject(command)) throw bad('It needs a JSON object, such as {"mode":"away"}.', 'mode')
  const unknown = Object.keys(command).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) throw bad(`The house has nothing called ${JSON.stringify(unknown.slice(0, 60))}.`, unknown)
  const mode = HOUSE_MODES.find((known) => known === command.mode)
  if (!mode) throw bad(`"mode" must be one of ${HOUSE_MODES.join(', ')}.`, 'mode')
  const { room = null, devices = null } = command
  if (room !== null && devices !== null) throw bad('Use only one of "room" and "devices".', 'devices')
  const until = untilOf(command.until, now)
  if (mode === 'normal' && until !== null) throw bad('normal has no end. Leave "until" out.', 'until')
  return { mode, until, room, devices: devices === null ? null : serialsOf(devices) }
}

function serialsOf(value: unknown): readonly string[] {
  const serials = Array.isArray(value) ? value.map((one) => (typeof one === 'string' ? spelled(one) : one)) : []
  if (!Array.isArray(value) || !serials.every(isSerial) || serials.length > MOST_DEVICES) {
    throw bad(`"devices" must be a list of serials, ${MOST_DEVICES} at most.`, 'devices')
  }
  return [...new Set(serials)]
}

/** A time without a zone is one of the bridge's own zone; a date alone is the beginning of that day. */
function untilOf(value: unknown, now: number): number | null {
  if (value === undefined || value === null || value === '') return null
  const text = typeof value === 'string' ? value.trim() : ''
  const parsed = parseIso(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text)
  if (!parsed) throw bad('"until" must be a date or an ISO time, such as 2026-12-20T18:00, or null.', 'until')
  const asUtc = (parsed.local + EPOCH_2000) * 1000
  const until = asUtc - (parsed.ahead ?? hostZone(asUtc - hostZone(asUtc) * 1000)) * 1000
  if (until > now && until - now <= LATEST) return until
  const why = until > now ? 'is more than five years away' : 'has passed'
  throw new BridgeError('OUT_OF_RANGE', `"until" can't be ${text}: that time ${why}.`, { details: { field: 'until' } })
}
