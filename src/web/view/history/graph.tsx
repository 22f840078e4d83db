import { useEffect, useRef, useState } from 'preact/hooks'
import { type Drawn, type DrawnLine, momentsIn, type Span, valueAt } from '../../state/history/samples.ts'
import { closer, zoomedIn } from '../../state/history/view.ts'
import { usePage } from '../hooks/context.ts'
import type { Chart } from './chart.ts'
import { readingText } from './words.tsx'

interface GraphProps {
  readonly lines: readonly DrawnLine[]
  readonly data: Drawn
  readonly whole: Span
  /** The part that is looked at; undefined: all of it. */
  readonly zoom: Span | undefined
  readonly look: (zoom: Span | undefined) => void
  readonly nameOf: (line: DrawnLine) => string
  readonly label: string
}

/** The graph, a slider for its moments, and its lines with what they show then. */
export function Graph({ lines, data, whole, zoom, look, nameOf, label }: GraphProps) {
  const { texts, look: style } = usePage()
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<Chart | null>(null)
  const legend = useRef<HTMLUListElement>(null)
  const [loaded, setLoaded] = useState(false)
  const [hidden, setHidden] = useState<ReadonlySet<DrawnLine>>(new Set())
  const [moment, setMoment] = useState<number | null>(null)
  const language = texts.locale
  const theme = style.theme.value
  const { from, to } = zoom ?? whole
  // The one of when the graph was made would hold an old range.
  const zoomTo = useRef<(span: Span) => void>(() => undefined)
  zoomTo.current = (span: Span) => look(zoomedIn(span, whole))

  useEffect(() => {
    let gone = false
    void import('./chart.ts').then(({ Chart }) => {
      if (gone || !place.current) return
      const colour = (name: DrawnLine | 'text' | 'grid') => colourOf(legend.current, name)
      const onZoom = (span: Span) => zoomTo.current(span)
      chart.current = new Chart(place.current, { lines, texts, colour, onMoment: setMoment, onZoom })
      setLoaded(true)
    })
    return () => {
      gone = true
      chart.current?.destroy()
      chart.current = null
      setLoaded(false)
    }
  }, [lines.join(), language])
  useEffect(() => {
    if (loaded) chart.current?.show({ data, from, to, hidden })
  }, [loaded, data, from, to, hidden])
  useEffect(() => {
    const redraw = () => chart.current?.redraw()
    redraw()
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', redraw)
    return () => system.removeEventListener('change', redraw)
  }, [theme])

  const { first, last } = momentsIn(data.times, { from, to })
  const at = Math.min(Math.max(moment ?? last, first), last)
  const toggle = (line: DrawnLine) => setHidden(new Set(lines.filter((each) => hidden.has(each) !== (each === line))))
  const moments = data.times[at] ?? to
  const time = texts.time(moments * 1000)
  const shown = (line: DrawnLine) => readingText(line, valueAt(data.values[line], at), texts)
  const nearer = closer({ from, to }, moments, whole)
  return (
    <>
      <div ref={place} class="chart" role="img" aria-label={label} />
      <input
        type="range"
        class="moment"
        aria-label={texts.say('history.moment')}
        aria-valuetext={[time, ...lines.map((line) => `${nameOf(line)} ${shown(line)}`)].join(', ')}
        min={first}
        max={last}
        value={at}
        onInput={(event) => {
          const index = Number(event.currentTarget.value)
          setMoment(index)
          chart.current?.point(index)
        }}
      />
      <div class="row zoom">
        <span class="small">{time}</span>
        <button type="button" class="quiet" disabled={nearer === undefined} onClick={() => look(nearer)}>
          {texts.say('history.zoomIn')}
        </button>
        <button type="button" class="quiet" disabled={zoom === undefined} onClick={() => look(undefined)}>
          {texts.say('history.whole')}
        </button>
        <span class="small">{texts.say('history.zoomHelp')}</span>
      </div>
      <ul ref={legend} class="legend" aria-label={texts.say('history.lines')}>
        {lines.map((line) => (
          <li key={line}>
            <button type="button" aria-pressed={!hidden.has(line)} onClick={() => toggle(line)}>
              <span class={`swatch ${line}`} aria-hidden="true" data-line={line} />
              <span class="break">{nameOf(line)}</span> <b>{shown(line)}</b>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** As the style sheets have it for light or dark: of the legend, whose parts have the colours of the lines. */
function colourOf(legend: HTMLElement | null, name: DrawnLine | 'text' | 'grid'): string {
  if (!legend) return ''
  if (name === 'text') return getComputedStyle(legend).color
  if (name === 'grid') return getComputedStyle(legend).borderTopColor
  const swatch = legend.querySelector(`[data-line="${name}"]`)
  return swatch ? getComputedStyle(swatch).color : ''
}
