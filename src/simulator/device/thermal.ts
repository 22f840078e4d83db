/** What the load has to do at one moment. */
export interface Demand {
  /** Whether the unit regulates: it is neither off nor in standby. */
  readonly active: boolean
  /** °C; ±Infinity for always on and always off. */
  readonly setpoint: number
  readonly sensor: 'floor' | 'air'
  /** °C below (or above, when cooling) the setpoint at which the load comes on. */
  readonly hysteresis: number
  readonly cooling: boolean
  /** Lowest and highest floor temperature while going by air; undefined without that limit. */
  readonly floorLimits: readonly [number, number] | undefined
  /** Minutes in each half hour that the load is on while the sensor is broken; undefined with a working sensor. */
  readonly duty: number | undefined
  /** W while the load is on. */
  readonly power: number
}

export interface ThermalOptions {
  /** °C at the start. */
  readonly floor: number
  readonly air: number
  readonly outdoor: number
}

/** The longest step of the calculation, in seconds; all time constants are far longer. */
const STEP = 30

/** The longest time calculated, in seconds; after it, all temperatures have settled anyway. */
const LONGEST = 2 * 86_400

/** Seconds in which a floor loses most of its warmth to the room, and a room to the outside. */
const FLOOR_TIME = 2_400
const ROOM_TIME = 28_800

/** How much faster the room follows the floor than the outside. */
const FLOOR_TO_ROOM = 9_600

/** °C by which a load that stays on would finally heat the floor above the room. */
const RISE = 24

/**
 * A floor and the room above it, each following the other by a first-order law, with a relay and an energy meter. Time
 * advances only on access, so a device that is never asked costs nothing.
 */
export class Thermal {
  floor: number
  air: number
  outdoor: number
  load = false
  /** Whether the floor limit, not the setpoint, controls the load. */
  floorLimited = false
  /** Wh since the start. */
  meter = 0
  #sinceCycle = 0

  constructor(options: ThermalOptions) {
    this.floor = options.floor
    this.air = options.air
    this.outdoor = options.outdoor
  }

  /** Advances by `seconds`. @param demand the demand at the given number of seconds before the end */
  advance(seconds: number, demand: (left: number) => Demand): void {
    let left = Math.min(Math.max(seconds, 0), LONGEST)
    do {
      const step = Math.min(left, STEP)
      const asked = demand(left)
      this.#switch(asked)
      this.#pass(step, asked)
      left -= step
    } while (left > 0)
  }

  #switch(demand: Demand): void {
    this.floorLimited = false
    if (!demand.active) {
      this.load = false
      return
    }
    if (demand.duty !== undefined) {
      this.load = this.#sinceCycle % 1800 < demand.duty * 60
      return
    }
    const measured = demand.sensor === 'floor' ? this.floor : this.air
    const wanting = demand.cooling ? measured - demand.setpoint : demand.setpoint - measured
    if (wanting <= 0) this.load = false
    else if (wanting > demand.hysteresis) this.load = true
    if (!demand.floorLimits || demand.cooling) return
    const [lowest, highest] = demand.floorLimits
    if (this.floor >= highest || this.floor < lowest) {
      const limited = this.floor < lowest
      this.floorLimited = this.load !== limited
      this.load = limited
    }
  }

  #pass(seconds: number, demand: Demand): void {
    const heat = this.load ? (demand.cooling ? -RISE : RISE) : 0
    const floorRate = (this.air + heat - this.floor) / FLOOR_TIME
    const airRate = (this.floor - this.air) / FLOOR_TO_ROOM + (this.outdoor - this.air) / ROOM_TIME
    this.floor += floorRate * seconds
    this.air += airRate * seconds
    this.#sinceCycle += seconds
    if (this.load) this.meter += (demand.power * seconds) / 3600
  }
}
