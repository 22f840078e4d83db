/** The floors of the simulated winters. */

/** A kind of floor and its room, per m²: W, W/K and kJ/K. */
export interface Floor {
  readonly name: string
  /** What the cable gives. */
  readonly power: number
  /** What the layer around the cable and the one above it hold, and how heat goes from one to the other. */
  readonly core: number
  readonly top: number
  readonly between: number
  /** What the air and the furniture hold, and what the house loses. */
  readonly room: number
  readonly loss: number
  /** °C to which radiators heat; null without radiators. */
  readonly radiators: number | null
  /** The sensor that controls, and the minutes by which it is late. */
  readonly control: 'floor' | 'air'
  readonly late: number
  /** °C while people are at home and awake, and at other times. */
  readonly warm: number
  readonly cool: number
  /** The share of the sun that reaches it. */
  readonly sun: number
}

export const FLOORS: readonly Floor[] = [
  {
    name: 'mat under tiles',
    ...{ power: 160, core: 15, top: 45, between: 60, room: 60, loss: 1.2, radiators: 21 },
    ...{ control: 'floor', late: 3, warm: 28, cool: 23, sun: 0.1 },
  },
  {
    name: 'cable in screed',
    ...{ power: 110, core: 60, top: 130, between: 40, room: 80, loss: 1, radiators: null },
    ...{ control: 'floor', late: 12, warm: 26, cool: 24, sun: 0.3 },
  },
  {
    name: 'film under wood',
    ...{ power: 130, core: 8, top: 15, between: 40, room: 70, loss: 1.1, radiators: null },
    ...{ control: 'air', late: 4, warm: 21.5, cool: 18.5, sun: 0.3 },
  },
]
