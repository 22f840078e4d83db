import type { Quirks } from '../quirks.ts'
import type { VirtualModel } from './models.ts'

/** Lowest and highest value of each wire type. */
const TYPE_RANGES: Readonly<Record<number, readonly [number, number]>> = {
  1: [-128, 127],
  2: [0, 255],
  3: [-32_768, 32_767],
  4: [0, 65_535],
  5: [-2_147_483_648, 2_147_483_647],
  6: [0, 4_294_967_295],
  7: [0, 1],
}

const INT16 = 3

export const ID = {
  mode: 2,
  controlType: 3,
  manualAir: 4,
  manualFloor: 5,
  awayAir: 6,
  awayFloor: 7,
  floorMin: 14,
  floorMax: 15,
  power: 17,
  hysteresis: 19,
  airCorrection: 20,
  floorCorrection: 21,
  duty: 25,
  upperFloor: 26,
  lowerFloor: 27,
  temporary: 29,
  current: 31,
  upperAir: 33,
  lowerAir: 34,
  warningHours: 55,
  timerEnd: 64,
  timerSetpoint: 65,
  lanLock: 114,
  cloudLock: 115,
  cooling: 118,
  preheat: 121,
  window: 122,
  off: 125,
} as const

export type WireRow = readonly [id: number, type: number, value: string]

/** The device's parameters by number. Values are the whole numbers of the wire. */
export class Parameters {
  readonly #rows = new Map<number, { readonly type: number; value: number }>()

  constructor(model: VirtualModel) {
    for (const [id, type, value] of model.parameters) this.#rows.set(id, { type, value })
  }

  has(id: number): boolean {
    return this.#rows.has(id)
  }

  type(id: number): number | undefined {
    return this.#rows.get(id)?.type
  }

  /** The value on the wire; `missing` when the model has no such parameter. */
  get(id: number, missing = 0): number {
    return this.#rows.get(id)?.value ?? missing
  }

  set(id: number, value: number): void {
    const row = this.#rows.get(id)
    if (row) row.value = value
  }

  flag(id: number): boolean {
    return this.get(id) === 1
  }

  /** Wire units in one degree of a setpoint: 10 when it is an int16. */
  scale(id: number): number {
    return this.type(id) === INT16 ? 10 : 1
  }

  /** A setpoint in °C. */
  degrees(id: number): number {
    return this.get(id) / this.scale(id)
  }

  ids(): IterableIterator<number> {
    return this.#rows.keys()
  }

  /** Setpoint limits in °C, lowest first. Older documents give 5 to 35 for air where the parameters are missing. */
  limits(sensor: 'floor' | 'air'): readonly [number, number] {
    return sensor === 'floor'
      ? [this.get(ID.lowerFloor, 5), this.get(ID.upperFloor, 45)]
      : [this.get(ID.lowerAir, 5), this.get(ID.upperAir, 35)]
  }

  /** The sensor that the present control type uses. */
  sensor(): 'floor' | 'air' {
    return this.get(ID.controlType) === 0 ? 'floor' : 'air'
  }
}

/** A number as the wire writes it, in the range of its type; undefined for anything else. */
export function readWireNumber(type: number, value: unknown): number | undefined {
  const range = TYPE_RANGES[type]
  if (!range || typeof value !== 'string' || !/^(0|-?[1-9]\d{0,10})$/.test(value)) return undefined
  const number = Number(value)
  return number >= range[0] && number <= range[1] ? number : undefined
}

/** Ranges of single parameters; all others are limited by their wire type alone. */
const RANGES: Readonly<Record<number, readonly [number, number]>> = {
  14: [0, 75],
  15: [0, 75],
  18: [0, 6],
  19: [1, 100],
  20: [-100, 100],
  21: [-100, 100],
  25: [0, 30],
  35: [1, 60],
  52: [0, 1439],
  53: [0, 1439],
  80: [-30, 30],
  81: [-30, 30],
  82: [-30, 30],
}

/** Pairs of parameters in which the first must stay above the second. */
const ABOVE: readonly (readonly [number, number])[] = [
  [26, 27],
  [33, 34],
  [15, 14],
  [62, 63],
]

/**
 * Why the device does not take `value` for a parameter that is not a setpoint; undefined when it does.
 * @param quirks the one value that means manual mode, and the highest brightness
 */
export function refusedValue(
  parameters: Parameters,
  model: VirtualModel,
  { manualCode, brightest = model.brightest }: Pick<Quirks, 'manualCode' | 'brightest'>,
  id: number,
  value: number,
): string | undefined {
  if (id === ID.mode && value !== 0 && value !== manualCode) return `mode ${value} is not known to this unit`
  if (id === ID.controlType && value > (model.airSensor ? 2 : 0)) return `control type ${value} needs an air sensor`
  if (id === 23 && value > brightest) return `brightness goes to ${brightest}`
  const range = RANGES[id]
  if (range && (value < range[0] || value > range[1])) return `${id} goes from ${range[0]} to ${range[1]}`
  for (const [upper, lower] of ABOVE) {
    if (id === upper && parameters.has(lower) && value <= parameters.get(lower)) return `${upper} is not above ${lower}`
    if (id === lower && parameters.has(upper) && value >= parameters.get(upper)) return `${upper} is not above ${lower}`
  }
  return undefined
}
