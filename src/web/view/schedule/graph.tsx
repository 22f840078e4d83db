import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Day, SchedulePeriod, ScheduleWeek } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import type { Range } from '../../state/limits.ts'
import {
  minutesOf,
  moveTime,
  nudgeTime,
  onGrid,
  removePeriod,
  setTemperature,
  stretchesOf,
  type Temperature,
} from '../../state/schedule/draft.ts'
import { usePage } from '../hooks/context.ts'

export type GraphScale = Range

/** The units of the drawing are pixels, so that its texts and points have the size that eyes and fingers need. */
interface Frame {
  readonly width: number
  /** The radius of a point as it is seen; a finger that comes near reaches it too. */
  readonly radius: number
  /** Hours between two that are written below. */
  readonly hours: number
}
/** Of a small day, which is stretched to its place. */
const SMALL: Frame = { width: 720, radius: 0, hours: 24 }
const HEIGHT = 200
/** Room for the points at the edges, and below for the hours. */
const EDGE = { x: 20, top: 16, bottom: 30 }
/** The radius of what takes a finger. */
const REACH = 20

/** The frame that fills the width that there is. */
function useFrame(svg: { readonly current: SVGSVGElement | null }): Frame {
  const [width, setWidth] = useState(SMALL.width)
  // Before it is seen: a finger may be quicker than the observer.
  useLayoutEffect(() => {
    const place = svg.current
    if (!place) return
    const fill = () => setWidth(Math.max(1, place.clientWidth))
    fill()
    const sizes = new ResizeObserver(fill)
    sizes.observe(place)
    return () => sizes.disconnect()
  }, [svg])
  return { width, radius: 11, hours: width < 260 ? 6 : 3 }
}

const xOf = (minutes: number, { width }: Frame): number => EDGE.x + (minutes / 1440) * (width - 2 * EDGE.x)

function yOf(temperature: Temperature, { min, max }: GraphScale): number {
  const value = temperature === 'on' ? max : temperature === 'off' ? min : temperature
  return EDGE.top + (1 - (value - min) / (max - min)) * (HEIGHT - EDGE.top - EDGE.bottom)
}

export const temperatureText = (temperature: Temperature, texts: Texts): string =>
  typeof temperature === 'number' ? texts.quantity(temperature, '°C') : texts.lookUp('value', temperature)

/** The setpoint over a day as a line of steps. */
function line(week: ScheduleWeek, day: Day, scale: GraphScale, frame: Frame): string {
  const steps = stretchesOf(week, day).map(({ from, to, temperature }) => {
    const y = yOf(temperature, scale)
    return `${xOf(from, frame)},${y} ${xOf(to, frame)},${y}`
  })
  return steps.join(' ')
}

/** A small day without controls. */
export function MiniDay({ week, day, scale }: { week: ScheduleWeek; day: Day; scale: GraphScale }) {
  return (
    <svg viewBox={`0 0 ${SMALL.width} ${HEIGHT}`} class="mini" aria-hidden="true" preserveAspectRatio="none">
      <polyline points={line(week, day, scale, SMALL)} />
    </svg>
  )
}

interface DayGraphProps {
  readonly week: ScheduleWeek
  readonly day: Day
  readonly scale: GraphScale
  /** null where it is only looked at. */
  readonly change: ((periods: readonly SchedulePeriod[], keep?: boolean) => void) | null
}

/** A day with a point to drag at the start of each period. */
export function DayGraph({ week, day, scale, change }: DayGraphProps) {
  const { texts } = usePage()
  const svg = useRef<SVGSVGElement>(null)
  const frame = useFrame(svg)
  const periods = week[day]
  return (
    <>
      {change && (
        <p class="small" id="graph-help">
          {texts.say('schedule.help')}
        </p>
      )}
      <fieldset
        aria-label={texts.say('schedule.graph', { day: texts.say(`day.${day}`) })}
        aria-describedby={change ? 'graph-help' : undefined}
      >
        <svg ref={svg} viewBox={`0 0 ${frame.width} ${HEIGHT}`} class="graph">
          <title>{texts.say('schedule.graph', { day: texts.say(`day.${day}`) })}</title>
          <Grid scale={scale} frame={frame} />
          <polyline points={line(week, day, scale, frame)} />
          {change &&
            periods.map((period, index) => (
              <Handle key={index} {...{ svg, frame, period, index, periods, scale, change }} />
            ))}
        </svg>
      </fieldset>
    </>
  )
}

const HOURS = [0, 3, 6, 9, 12, 15, 18, 21, 24] as const

function Grid({ scale, frame }: { scale: GraphScale; frame: Frame }) {
  const { texts } = usePage()
  const lines = [scale.max, Math.round((scale.max + scale.min) / 2), scale.min]
  return (
    <g class="grid">
      {lines.map((value) => (
        <g key={value}>
          <line x1={EDGE.x} x2={frame.width - EDGE.x} y1={yOf(value, scale)} y2={yOf(value, scale)} />
          <text x={EDGE.x + 2} y={yOf(value, scale) - 3}>
            {texts.number(value)}°
          </text>
        </g>
      ))}
      {HOURS.filter((hour) => hour % frame.hours === 0).map((hour) => (
        <text key={hour} x={xOf(hour * 60, frame)} y={HEIGHT - 6} text-anchor="middle">
          {hour}
        </text>
      ))}
    </g>
  )
}

interface HandleProps extends Pick<DayGraphProps, 'scale'> {
  readonly change: NonNullable<DayGraphProps['change']>
  readonly svg: { readonly current: SVGSVGElement | null }
  readonly frame: Frame
  readonly period: SchedulePeriod
  readonly index: number
  readonly periods: readonly SchedulePeriod[]
}

function Handle({ svg, frame, period, index, periods, scale, change }: HandleProps) {
  const { texts } = usePage()
  const dragging = useRef(false)
  const { temperature } = period
  const time = texts.clock(period.time)
  const said = temperatureText(temperature, texts)

  const drag = (event: PointerEvent) => {
    const box = svg.current?.getBoundingClientRect()
    if (!box || event.buttons === 0) return
    const x = ((event.clientX - box.left) / box.width) * frame.width
    const y = ((event.clientY - box.top) / box.height) * HEIGHT
    const minutes = onGrid(((x - EDGE.x) / (frame.width - 2 * EDGE.x)) * 1440)
    const share = 1 - (y - EDGE.top) / (HEIGHT - EDGE.top - EDGE.bottom)
    const moved = moveTime(periods, index, minutes)
    const value = within(scale.min + share * (scale.max - scale.min), scale)
    const next = typeof temperature === 'number' ? setTemperature(moved, index, value) : moved
    // One movement is one step to undo, so only its beginning is kept.
    change(next, !dragging.current)
    dragging.current = true
  }
  const [x, y] = [xOf(minutesOf(period.time), frame), yOf(temperature, scale)]
  const press = (event: KeyboardEvent) => {
    const next = keyed(event.key, periods, index, scale)
    if (!next) return
    event.preventDefault()
    change(next)
  }
  return (
    <g
      class="handle"
      tabindex={0}
      role="slider"
      aria-label={texts.say('schedule.handle', { time, temperature: said })}
      aria-valuemin={0}
      aria-valuemax={1439}
      aria-valuenow={minutesOf(period.time)}
      aria-valuetext={`${time}, ${said}`}
      onPointerDown={(event) => {
        dragging.current = false
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={drag}
      onKeyDown={press}
    >
      <circle class="reach" cx={x} cy={y} r={REACH} />
      <circle cx={x} cy={y} r={frame.radius} />
    </g>
  )
}

const within = (value: number, { min, max, step }: GraphScale): number =>
  Math.min(max, Math.max(min, Math.round(Math.round(value / step) * step * 100) / 100))

/** The periods after a key press; undefined for other keys. */
function keyed(key: string, periods: readonly SchedulePeriod[], index: number, scale: GraphScale) {
  if (key === 'ArrowLeft') return nudgeTime(periods, index, -1)
  if (key === 'ArrowRight') return nudgeTime(periods, index, 1)
  if (key === 'Delete') return removePeriod(periods, index)
  const temperature = periods[index]?.temperature
  if (typeof temperature !== 'number' || (key !== 'ArrowUp' && key !== 'ArrowDown')) return undefined
  const step = key === 'ArrowUp' ? scale.step : -scale.step
  return setTemperature(periods, index, within(temperature + step, scale))
}
