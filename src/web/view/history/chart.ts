/** The graph itself. It is loaded when first shown, since most of it is uPlot. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Texts } from '../../i18n/index.ts'
import type { Drawn, DrawnLine, Span } from '../../state/history/samples.ts'

const DAY = 86_400

export interface ChartOptions {
  readonly lines: readonly DrawnLine[]
  readonly texts: Texts
  /** The present colours of the style sheets, for the canvas. */
  readonly colour: (name: DrawnLine | 'text' | 'grid') => string
  /** The index of the time under the pointer; null if there is none. */
  readonly onMoment: (index: number | null) => void
  /** Between what times somebody has dragged. */
  readonly onZoom: (span: Span) => void
}

export interface Shown {
  readonly data: Drawn
  /** Unix seconds. */
  readonly from: number
  readonly to: number
  readonly hidden: ReadonlySet<DrawnLine>
}

/** The load uses the lowest quarter, below the temperatures, if there are any. */
const SCALES: Readonly<Record<DrawnLine, string>> = {
  floor_temperature: '°',
  air_temperature: '°',
  target_temperature: '°',
  voltage: 'V',
  load: 'share',
  beside: '°',
}

const HEIGHT = 300

export class Chart {
  readonly #plot: uPlot
  readonly #lines: readonly DrawnLine[]
  readonly #sizes: ResizeObserver
  #range: readonly [number, number] = [0, 1]

  constructor(place: HTMLElement, options: ChartOptions) {
    this.#lines = options.lines
    this.#plot = new uPlot(
      {
        width: place.clientWidth,
        height: HEIGHT,
        // Its days and hours are those of the house.
        tzDate: (at) => new Date(options.texts.local(at * 1000)),
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false },
        scales: {
          x: { time: true, range: () => [...this.#range] },
          '°': { range: (_plot, min, max) => [Math.floor(min ?? 15) - 1, Math.ceil(max ?? 25) + 1] },
          V: { range: (_plot, min, max) => [Math.floor((min ?? 220) - 5), Math.ceil((max ?? 240) + 5)] },
          share: { range: [0, options.lines.length > 1 ? 4 : 1] },
        },
        axes: [timeAxis(options), ...valueAxes(options)],
        series: [{}, ...options.lines.map((line) => series(line, options))],
        hooks: {
          setCursor: [({ cursor }) => options.onMoment(cursor.idx ?? null)],
          ready: [(plot) => followDrags(plot, options)],
        },
      },
      [[], ...options.lines.map(() => [])],
      place,
    )
    this.#sizes = new ResizeObserver(() => this.#plot.setSize({ width: place.clientWidth, height: HEIGHT }))
    this.#sizes.observe(place)
  }

  show({ data, from, to, hidden }: Shown): void {
    this.#range = [from, to]
    this.#plot.setData([[...data.times], ...this.#lines.map((line) => [...data.values[line]])])
    this.#lines.forEach((line, index) => {
      const show = !hidden.has(line)
      // By default it would fix the scale to the present data.
      if (this.#plot.series[index + 1]?.show !== show) this.#plot.setSeries(index + 1, { show })
    })
  }

  /** Puts the cursor at this place of the times. */
  point(index: number): void {
    const at = this.#plot.data[0][index]
    if (at !== undefined) this.#plot.setCursor({ left: this.#plot.valToPos(at, 'x'), top: 0 }, false)
  }

  /** The colours may be others now. */
  redraw(): void {
    this.#plot.redraw(false, true)
  }

  destroy(): void {
    this.#sizes.disconnect()
    this.#plot.destroy()
  }
}

/** The fewest pixels that are a span; less is a press. */
const LEAST_DRAG = 12

/** Of mouse, pen and finger. By itself the graph would follow only the mouse. */
function followDrags(plot: uPlot, { onZoom }: ChartOptions): void {
  const { over } = plot
  let start: number | null = null
  const placeOf = ({ clientX }: PointerEvent) => {
    const { left, width } = over.getBoundingClientRect()
    return Math.min(width, Math.max(0, clientX - left))
  }
  const select = (from: number, to: number) =>
    plot.setSelect({ left: Math.min(from, to), width: Math.abs(to - from), top: 0, height: over.clientHeight }, false)
  const end = () => {
    start = null
    select(0, 0)
  }
  over.addEventListener('pointerdown', (event) => {
    if (!event.isPrimary || event.button !== 0) return
    start = placeOf(event)
    over.setPointerCapture(event.pointerId)
  })
  over.addEventListener('pointermove', (event) => {
    if (start !== null) select(start, placeOf(event))
  })
  over.addEventListener('pointerup', (event) => {
    if (start === null) return
    const [left, right] = [start, placeOf(event)].sort((a, b) => a - b)
    end()
    if (left === undefined || right === undefined || right - left < LEAST_DRAG) return
    onZoom({ from: plot.posToVal(left, 'x'), to: plot.posToVal(right, 'x') })
  })
  // The finger scrolls the page instead.
  over.addEventListener('pointercancel', end)
}

function series(line: DrawnLine, { colour }: ChartOptions): uPlot.Series {
  const stepped = uPlot.paths.stepped?.({ align: 1 })
  const common = { scale: SCALES[line], stroke: () => colour(line), width: 2, points: { show: false } }
  if (line === 'load') return { ...common, width: 0, fill: () => colour(line), ...(stepped ? { paths: stepped } : {}) }
  // To be told from the others without its colour.
  if (line === 'beside') return { ...common, width: 3, dash: [12, 4, 3, 4] }
  if (line === 'target_temperature') return { ...common, dash: [7, 5], ...(stepped ? { paths: stepped } : {}) }
  return common
}

function timeAxis({ colour, texts }: ChartOptions): uPlot.Axis {
  return {
    ...look(colour),
    space: 60,
    values: (_plot, splits, _axis, _space, step) => splits.map((at) => texts.tick(at * 1000, step >= DAY)),
  }
}

/** One of temperatures, or of what else the device measures. */
function valueAxes({ lines, colour, texts }: ChartOptions): uPlot.Axis[] {
  return ['°', 'V']
    .filter((scale) => lines.some((line) => SCALES[line] === scale))
    .map((scale) => ({
      ...look(colour),
      scale,
      size: scale === 'V' ? 64 : 56,
      values: (_plot, splits) =>
        splits.map((value) => (scale === 'V' ? texts.quantity(value, 'V') : `${texts.number(value)}${scale}`)),
    }))
}

function look(colour: ChartOptions['colour']): uPlot.Axis {
  const grid = { stroke: () => colour('grid'), width: 1 }
  return { stroke: () => colour('text'), grid, ticks: grid, font: '13px system-ui, sans-serif' }
}
