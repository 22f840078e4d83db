/** Energy by days, weeks and months, as the page shows it. */
import type { Energy } from '../api/types.ts'

export interface Use {
  /** kWh. */
  readonly energy: number
  readonly cost: number | null
}

/**
 * Of the present day and of the present month; undefined if nothing is known.
 * @param answer by day, a month or more
 * @param local the local time of a moment, where the days are days
 */
export function recentUse(
  { parts }: Energy,
  local: (iso: string) => string,
): { readonly today: Use; readonly month: Use } | undefined {
  const monthOf = (iso: string) => local(iso).slice(0, 7)
  const last = parts.at(-1)
  if (!last || parts.every(({ energy }) => energy === null)) return undefined
  const month = monthOf(last.from)
  return { today: sumOf([last]), month: sumOf(parts.filter(({ from }) => monthOf(from) === month)) }
}

export function sumOf(parts: Energy['parts']): Use {
  const costs = parts.flatMap(({ cost }) => (cost === null ? [] : [cost]))
  const energy = parts.reduce((sum, part) => sum + (part.energy ?? 0), 0)
  return {
    energy: Math.round(energy * 1000) / 1000,
    cost: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
  }
}

/** The address of the energy of a house, or of one device; its days are those of the house. */
export const energyPath = (by: Energy['by'], last: number, serial?: string): string =>
  `/api/v1/energy?by=${by}&last=${last}${serial === undefined ? '' : `&serial=${serial}`}`

/** How many bars there are of each kind. */
export const LAST: Readonly<Record<Energy['by'], number>> = { day: 31, week: 13, month: 12 }

export interface Bar {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The parts of another device at the same times; where it tells none, nothing is known. */
export function alongside(parts: Energy['parts'], others: Energy['parts']): Energy['parts'] {
  const known = new Map(others.map((part) => [part.from, part]))
  return parts.map(({ from }) => known.get(from) ?? { from, energy: null, cost: null })
}

/** kWh of the part with the most of all devices, which is what the highest bar stands for. */
export const mostOf = (devices: readonly Energy['parts'][]): number =>
  Math.max(0, ...devices.flatMap((parts) => parts.map(({ energy }) => energy ?? 0)))

/** For each device one bar for each part, side by side, the highest of all as high as the drawing. */
export function barsOf(
  devices: readonly Energy['parts'][],
  size: { readonly width: number; readonly height: number },
): readonly (readonly Bar[])[] {
  const most = mostOf(devices)
  return devices.map((parts, place) => {
    const room = size.width / Math.max(1, parts.length)
    const width = (room * 0.8) / devices.length
    return parts.map(({ energy }, index) => {
      const height = most > 0 ? ((energy ?? 0) / most) * size.height : 0
      return { x: index * room + room * 0.1 + place * width, y: size.height - height, width, height }
    })
  })
}
