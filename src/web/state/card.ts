/** What the card of a thermostat says besides its temperature. */
import type { Device, State } from '../api/types.ts'
import type { Texts } from '../i18n/index.ts'
import { plusDays } from './history/view.ts'

export type Sensor = 'floor' | 'air'

/** The sensor by which the device heats; undefined if it does not say. */
export function sensorOf({ control_type: control }: State): Sensor | undefined {
  if (typeof control !== 'string') return undefined
  return control === 'floor' ? 'floor' : 'air'
}

/** °C at the other sensor, if there is one. */
export function otherTemperature(state: State): { readonly sensor: Sensor; readonly value: number } | undefined {
  const sensor = sensorOf(state) === 'air' ? 'floor' : 'air'
  const value = state[`${sensor}_temperature`]
  return typeof value === 'number' && sensorOf(state) !== undefined ? { sensor, value } : undefined
}

/** Until when what holds now lasts. */
export interface Until {
  readonly kind: 'boost' | 'away' | 'schedule' | 'manual'
  /** ISO, of an away without a zone; null: until somebody ends it. */
  readonly at: string | null
  /** °C from then on; null if it is not known. */
  readonly next: number | null
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Undefined while the device is off, or does not say. */
export function untilOf(state: State): Until | undefined {
  if (state.preset === 'boost') return { kind: 'boost', at: textOf(state.timer_end), next: null }
  if (state.preset === 'away') return { kind: 'away', at: textOf(state.away_end), next: null }
  if (state.mode === 'auto') {
    const at = textOf(state.schedule_next_change)
    const next = state.schedule_next_setpoint
    return at === null ? undefined : { kind: 'schedule', at, next: typeof next === 'number' ? next : null }
  }
  return state.mode === 'heat' || state.mode === 'cool' ? { kind: 'manual', at: null, next: null } : undefined
}

/** Whether the device takes signed commands only, and the bridge has no key to sign them. */
export const needsKey = ({ state, health }: Device): boolean => state.lock === 'lan' && health.key_source === null

/** Why the device will refuse any command, as the code of an error; null if nothing is known to stand in the way. */
export function refusalOf(device: Device): 'LOCKED_BOTH' | 'KEY_MISSING' | null {
  // What the bridge says by itself is shown as it is.
  if (device.health.error !== null) return null
  if (device.state.lock === 'both') return 'LOCKED_BOTH'
  return needsKey(device) ? 'KEY_MISSING' : null
}

export interface LastFailure {
  readonly code: string
  /** ISO. */
  readonly at: string
  /** Keys of the state, or an action. */
  readonly about: readonly string[]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Why the last command to the device, whoever sent it, was not carried out. */
export function lastFailureOf({ last_error: error }: State): LastFailure | null {
  if (!isRecord(error)) return null
  const { code, at, about } = error
  if (typeof code !== 'string' || typeof at !== 'string') return null
  return { code, at, about: Array.isArray(about) ? about.map(String) : [] }
}

export interface ShownFinding {
  readonly kind: string
  /** ISO. */
  readonly since: string
  /** In English. */
  readonly message: string
  /** What fills the gaps of its sentence. */
  readonly evidence: Readonly<Record<string, number>>
}

/** What is unusual about the device. What it reports as a fault of the same name is shown as that. */
export function findingsOf(state: State): readonly ShownFinding[] {
  const { findings } = state
  if (!Array.isArray(findings)) return []
  return findings.flatMap((finding) => {
    if (!isRecord(finding) || !isRecord(finding.evidence)) return []
    const { kind, since, message, evidence } = finding
    if (typeof kind !== 'string' || typeof since !== 'string' || state[kind] === true) return []
    const numbers = Object.entries(evidence).flatMap(([name, value]) =>
      typeof value === 'number' ? [[name, value] as const] : [],
    )
    return [{ kind, since, message: String(message), evidence: Object.fromEntries(numbers) }]
  })
}

/** Minutes that a boost can be chosen to last. */
export const BOOSTS = [30, 60, 120] as const

/** Until when somebody is away: tomorrow morning, or for a week. */
export const AWAYS = ['tonight', 'week'] as const
export type AwayChoice = (typeof AWAYS)[number]

/** When a night away ends. */
const MORNING = '07:00'

/** A local time, as is what it begins with. */
export function awayEnd(choice: AwayChoice, now: string): string {
  const [date = '', time = ''] = now.split('T')
  if (choice === 'week') return `${plusDays(date, 7)}T${time.slice(0, 5)}`
  // Whoever leaves after midnight means this morning.
  return `${time < MORNING ? date : plusDays(date, 1)}T${MORNING}`
}

/** What the own clock of a device shows, which may be wrong, as a local time; without a device, the clocks of the house. */
export function nowAt(device: Pick<Device, 'state' | 'timezone'> | null, { local }: Pick<Texts, 'local'>): string {
  const { clock_offset: offset = 0 } = device?.state ?? {}
  return local(Date.now() + (typeof offset === 'number' ? offset * 1000 : 0), device?.timezone)
}

/** Of a drawing as wide as 100 and as high as 24. */
export const LINE_SIZE = { width: 100, height: 24 } as const
/** Degrees that fill the height at least: noise is not to look like a change. */
const LEAST_SPAN = 2

export interface DayLine {
  /** One for each stretch without a gap: the points of a polyline. */
  readonly stretches: readonly string[]
  readonly min: number
  readonly max: number
}

/** Undefined for fewer than two known values. @param values one for each hour, null where nothing is known */
export function dayLine(values: readonly (number | null)[]): DayLine | undefined {
  const known = values.filter((value) => value !== null)
  if (known.length < 2) return undefined
  const [min, max] = [Math.min(...known), Math.max(...known)]
  const span = Math.max(max - min, LEAST_SPAN)
  const middle = (min + max) / 2
  const point = (value: number, index: number) => {
    const x = (index / (values.length - 1)) * LINE_SIZE.width
    const y = (0.5 - (value - middle) / span) * (LINE_SIZE.height - 4) + 2
    return `${round(x)},${round(y)}`
  }
  const stretches: string[][] = [[]]
  values.forEach((value, index) => {
    if (value === null) stretches.push([])
    else stretches.at(-1)?.push(point(value, index))
  })
  const drawn = stretches.filter((points) => points.length > 1).map((points) => points.join(' '))
  return { stretches: drawn, min, max }
}

const round = (value: number): number => Math.round(value * 10) / 10
