/** The small line of the last 24 hours. */

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
