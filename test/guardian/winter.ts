/**
 * A room with a heated floor through a winter, minute by minute: weather, habits, an ordinary thermostat, a network, and a fault.
 * Its samples are those that the history would hold. The same seed gives the same winter.
 */
import type { FindingKind } from '../../src/devices/ports.ts'
import type { Present, Sample } from '../../src/guardian/types.ts'
import { seededRandom } from '../../src/simulator/index.ts'
import type { Floor } from './floors.ts'

const MINUTE = 60
export const DAY = 86_400
const STEP = 300
/** 1 October 2026, a Thursday, in UTC. */
const START = 1_790_812_800
/** °C that the thermostat allows. */
const LIMIT = 35

export const day: Present['day'] = (at) => {
  const number = Math.floor(at / DAY)
  return { number, weekday: (number + 4) % 7 }
}

export interface Five {
  /** null if the device did not answer. */
  readonly sample: Sample | null
  readonly present: Present
  /** Whether the fault could be seen in this time: its load was asked for, or its heat was there. */
  readonly shows: boolean
}

export interface Injected {
  readonly kind: FindingKind
  /** Seconds after the beginning of the winter. */
  readonly after: number
}

export function* winter(floor: Floor, seed: number, days: number, injected?: Injected): Generator<Five> {
  const house = new House(floor, seed)
  for (let from = START; from < START + days * DAY; from += STEP) {
    const values = new Values()
    let shows = false
    for (let at = from; at < from + STEP; at += MINUTE) {
      const fault = injected && at - START >= injected.after ? injected.kind : undefined
      house.minute(at, fault)
      if (house.online) values.add(house.reading, house.target, house.on)
      shows ||= house.shows(fault)
    }
    const clockOffset = house.clockError + (shows && injected?.kind === 'clock_wrong' ? 1_200 : 0)
    const sample = values.sample(from, floor.power * 8)
    const present = { warms: true, limit: LIMIT, clockOffset, drops: house.drops, day }
    if (sample) house.drops = 0
    yield { sample, present, shows }
  }
}

class House {
  readonly #floor: Floor
  readonly #random: () => number
  readonly #holiday: number
  readonly clockError: number
  /** What the device shows. */
  reading = 0
  target = 0
  on = false
  online = true
  /** How often it has stopped answering since somebody set this to 0. */
  drops = 0
  #offlineUntil = 0
  /** °C: of the layer around the cable, of the one above, of the air, at the sensor; and °C that people have added. */
  #core: number
  #top: number
  #air: number
  #sensed: number
  #offset = 0
  #frozen: number | null = null
  /** The weather of these days: °C, and the share of the sky. */
  #front = 0
  #cloud = 0.7
  #windowUntil = 0

  constructor(floor: Floor, seed: number) {
    this.#floor = floor
    this.#random = seededRandom(seed)
    this.#core = floor.warm
    this.#top = floor.warm - 1
    this.#air = floor.radiators ?? 19
    this.#sensed = floor.control === 'floor' ? this.#top : this.#air
    this.#holiday = START + (40 + Math.floor(this.#random() * 60)) * DAY
    this.clockError = 20 * this.#random()
  }

  minute(at: number, fault: FindingKind | undefined): void {
    const hour = (at % DAY) / 3_600
    this.#live(at, hour)
    this.#control(fault)
    this.#warm(at, hour, fault)
    this.#connect(at, fault)
  }

  /** Whether a fault can be seen in this minute. */
  shows(fault: FindingKind | undefined): boolean {
    if (fault === 'not_warming' || fault === 'heating_long') return this.on
    if (fault === 'warms_unheated') return !this.on
    return fault !== undefined && (fault !== 'too_warm' || this.#place > LIMIT + 1.5)
  }

  /** °C where the sensor is. */
  get #place(): number {
    return this.#floor.control === 'floor' ? 0.5 * this.#core + 0.5 * this.#top : this.#air
  }

  #noise(): number {
    return this.#random() + this.#random() + this.#random() - 1.5
  }

  /** Airing every morning, a window forgotten now and then, a week away, another setpoint for some weeks. */
  #live(at: number, hour: number): void {
    const { warm, cool } = this.#floor
    const { weekday } = day(at)
    if (Math.abs(hour - 7.5) < 0.01) this.#windowUntil = at + (this.#random() < 0.05 ? 45 : 8) * MINUTE
    if (this.#random() < 0.00002) this.#offset = this.#offset === 0 ? 1.5 : 0
    const workday = weekday > 0 && weekday < 6
    const home = workday ? (hour >= 6 && hour < 9) || (hour >= 16.5 && hour < 23) : hour >= 8 && hour < 23.5
    const away = at >= this.#holiday && at < this.#holiday + 7 * DAY
    this.target = away ? 12 : home ? warm + this.#offset : cool
  }

  /** Half a degree around the setpoint, by what the sensor says in sixteenths. */
  #control(fault: FindingKind | undefined): void {
    let reading = Math.round((this.#sensed + this.#noise() * 0.03) * 16) / 16
    if (fault === 'sensor_frozen') {
      this.#frozen ??= reading
      reading = this.#frozen
    }
    if (fault === 'sensor_jumps' && this.#random() < 0.1) reading += 16 * (this.#random() - 0.5)
    if (reading < this.target - 0.5) this.on = true
    if (reading > this.target + 0.5) this.on = false
    this.reading = reading
  }

  #warm(at: number, hour: number, fault: FindingKind | undefined): void {
    const { power, core, top, room, between, late, loss } = this.#floor
    const outside = this.#outside(at, hour)
    const sun = this.#sun(hour)
    const up = between * (this.#core - this.#top)
    const out = 9 * (this.#top - this.#air)
    const open = (at < this.#windowUntil ? 12 : 0) + loss * (fault === 'energy_high' ? 4 : 1)
    const stove = fault === 'too_warm' ? 400 : 0
    const heat = power * this.#heats(fault)
    this.#core += ((heat - up - 0.5 * (this.#core - 12)) * MINUTE) / (core * 1000)
    this.#top += ((up - out + sun + stove) * MINUTE) / (top * 1000)
    const gain = out + this.#radiators(fault) + sun * 0.3 + 3
    this.#air += ((gain - open * (this.#air - outside)) * MINUTE) / (room * 1000)
    this.#sensed += (this.#place - this.#sensed) / (late + 1)
  }

  /** The share of its power that the load gives. */
  #heats(fault: FindingKind | undefined): number {
    if (fault === 'not_warming') return 0
    if (fault === 'warms_unheated') return 1
    return this.on ? (fault === 'heating_long' ? 0.15 : 1) : 0
  }

  #radiators(fault: FindingKind | undefined): number {
    const { radiators } = this.#floor
    return radiators === null ? 0 : 25 * Math.max(0, (fault === 'energy_high' ? radiators - 10 : radiators) - this.#air)
  }

  /** The season, fronts of a few days, and the time of day. */
  #outside(at: number, hour: number): number {
    this.#front += (-this.#front * MINUTE) / (3 * DAY) + this.#noise() * 0.14
    if (hour === 0) this.#cloud = this.#random()
    const season = 4 - 9 * Math.sin((Math.PI * (at - START)) / (182 * DAY))
    return season + this.#front + 3 * Math.sin((2 * Math.PI * (hour - 9)) / 24) * (1.3 - this.#cloud)
  }

  /** W/m² on the floor of clear days. */
  #sun(hour: number): number {
    if (hour <= 8 || hour >= 16.5) return 0
    return Math.sin((Math.PI * (hour - 8)) / 8.5) * (1 - this.#cloud) * 90 * this.#floor.sun
  }

  /** A device is away for a while every few days. */
  #connect(at: number, fault: FindingKind | undefined): void {
    const chance = this.#random() < 0.0002
    const faulty = fault === 'comes_and_goes' && (at - START) % (40 * MINUTE) === 0
    if (chance || faulty) {
      this.#offlineUntil = at + (faulty ? 8 : 5 + 40 * this.#random()) * MINUTE
      this.drops += 1
    }
    this.online = at >= this.#offlineUntil
  }
}

/** Five minutes in the making. */
class Values {
  #count = 0
  #sum = 0
  #low = Number.POSITIVE_INFINITY
  #high = Number.NEGATIVE_INFINITY
  #target = 0
  #on = 0

  add(temperature: number, target: number, on: boolean): void {
    this.#count += 1
    this.#sum += temperature
    this.#low = Math.min(this.#low, temperature)
    this.#high = Math.max(this.#high, temperature)
    this.#target = target
    this.#on += on ? 1 : 0
  }

  sample(at: number, watts: number): Sample | null {
    if (this.#count === 0) return null
    const mean = this.#sum / this.#count
    const load = this.#on / this.#count
    return {
      at,
      seconds: STEP,
      known: this.#count * MINUTE,
      temperature: mean,
      low: this.#low,
      high: this.#high,
      controlled: mean,
      target: this.#target,
      load,
      power: load * watts,
    }
  }
}
