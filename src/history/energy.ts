/** Energy and its cost, by days, weeks or months. */
import { BridgeError } from '../core/errors.ts'
import { type Calendar, calendarOf } from './calendar.ts'
import {
  type EnergyQuestion,
  type EnergyUse,
  type History,
  MOST_PERIODS,
  type Tariff,
  type Used,
  type UsedFrom,
} from './types.ts'
import { toWattHours } from './usage.ts'

const HOUR = 3_600

/**
 * Sums up one device after the other: the answer for a house must not hold up a command.
 * @throws BridgeError `BAD_REQUEST` for too many periods, or for a time zone that does not exist
 */
export async function energyOf(
  history: Pick<History, 'query' | 'now'>,
  question: EnergyQuestion,
  tariff: Tariff,
): Promise<EnergyUse> {
  const { hours, starts } = calendarFor(question, history.now())
  const from = hours[0]?.at ?? 0
  const to = from + hours.length * HOUR
  const sums = starts.map(() => new Sum())
  const devices = []
  for (const serial of question.serials) {
    const { samples, uses } = await history.query(serial, { from, to, step: HOUR })
    const whole = new Sum()
    samples.forEach(({ at }, index) => {
      const hour = hours[(at - from) / HOUR]
      const used = uses[index]
      if (!hour || typeof used !== 'number') return
      const price = priceAt(tariff, hour.hour)
      whole.add(used, price)
      sums[hour.part]?.add(used, price)
    })
    devices.push({ serial, ...whole.used() })
  }
  const parts = sums.map((sum, index): UsedFrom => ({ from: starts[index] ?? from, ...sum.used() }))
  return { currency: tariff.price === null ? null : tariff.currency, parts, devices }
}

function calendarFor({ timezone, by, last }: EnergyQuestion, now: number): Calendar {
  const wrong = (message: string, field: string) => new BridgeError('BAD_REQUEST', message, { details: { field } })
  const most = MOST_PERIODS[by]
  if (last > most) {
    throw wrong(`last can be at most ${most} with by=${by}. Ask for fewer, or for longer periods.`, 'last')
  }
  try {
    return calendarOf(timezone, by, last, now)
  } catch (error) {
    if (error instanceof RangeError) throw wrong('timezone must be a time zone, such as Europe/Kyiv.', 'timezone')
    throw error
  }
}

function priceAt({ price, nightPrice, night: { from, to } }: Tariff, hour: number): number | null {
  if (nightPrice === null || from === to) return price
  const isNight = from < to ? hour >= from && hour < to : hour >= from || hour < to
  return isNight ? nightPrice : price
}

class Sum {
  #energy: number | null = null
  #cost: number | null = null

  add(energy: number, price: number | null): void {
    this.#energy = (this.#energy ?? 0) + energy
    if (price !== null) this.#cost = (this.#cost ?? 0) + energy * price
  }

  used(): Used {
    return {
      energy: this.#energy === null ? null : toWattHours(this.#energy),
      cost: this.#cost === null ? null : toMillionths(this.#cost),
    }
  }
}

/** Not to cents: costs of days must add up to that of their month. Only what floating point adds to them is cut off. */
const toMillionths = (cost: number): number => Math.round(cost * 1_000_000) / 1_000_000
