/** The history of a device: its graph, the same as a table and in words. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Device, HistoryAnswer } from '../../api/types.ts'
import {
  type Drawn,
  drawn,
  type HistoryRange,
  historyPath,
  type Line,
  lengthOf,
  linesOf,
  RANGES,
} from '../../state/history.ts'
import { dateOf, type HistoryView, moved, stepsOf, viewIn, yesterday } from '../../state/history-view.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { saveFile } from '../parts/save-file.ts'
import type { Chart } from './chart.ts'
import { type Followed, useHistory } from './use-history.ts'
import { HistoryTable, HistoryWords, valueText } from './words.tsx'

/**
 * Temperatures, setpoint and load of a device over a day, a week or a month, up to now or up to the end of a day.
 * @param steps of the address after the device
 */
export function HistorySection({ device, steps }: { device: Device; steps: readonly string[] }) {
  const { texts } = usePage()
  const today = dateOf(new Date())
  const [view, setView] = useState(() => viewIn(steps, today))
  const { range, last } = view
  const { answer, since, now, failure } = useHistory(device, view)
  const show = (next: HistoryView) => {
    setView(next)
    // Not a place of its own to come back to: the device is.
    history.replaceState(null, '', `#/${['devices', device.serial, ...stepsOf(next)].join('/')}`)
  }
  return (
    <section class="panel history" aria-label={texts.say('history.title')}>
      <h2>{texts.say('history.title')}</h2>
      <div class="row">
        <fieldset class="ranges" aria-label={texts.say('history.range')}>
          {RANGES.map((each) => (
            <button key={each} type="button" aria-pressed={each === range} onClick={() => show({ range: each, last })}>
              {texts.say(`history.${each}`)}
            </button>
          ))}
        </fieldset>
        <div class="ranges">
          <button type="button" onClick={() => show(moved(view, -1, today))}>
            ‹ {texts.say('history.back')}
          </button>
          <button type="button" disabled={last === null} onClick={() => show(moved(view, 1, today))}>
            {texts.say('history.forward')} ›
          </button>
          <button type="button" class="quiet" disabled={last === null} onClick={() => show({ range, last: null })}>
            {texts.say('history.now')}
          </button>
          <button type="button" class="quiet" onClick={() => show(yesterday(today))}>
            {texts.say('history.yesterday')}
          </button>
          <input
            type="date"
            aria-label={texts.say('history.last')}
            value={last ?? today}
            max={today}
            onChange={({ currentTarget: { value } }) => show(viewIn([range, value], today))}
          />
        </div>
      </div>
      {failure && <FailureNotice failure={failure} />}
      {answer && (
        <Answer key={device.serial} {...{ device, answer, since, range }} end={last === null ? now() : null} />
      )}
    </section>
  )
}

interface AnswerProps {
  readonly device: Device
  readonly answer: HistoryAnswer
  readonly since: Followed['since']
  readonly range: HistoryRange
  /** Unix seconds; null for a range that is over. */
  readonly end: number | null
}

function Answer({ device, answer, since, range, end }: AnswerProps) {
  const { texts } = usePage()
  const to = end ?? Date.parse(answer.to) / 1000
  const from = end === null ? Date.parse(answer.from) / 1000 : to - lengthOf(range)
  const span = {
    from: texts.time(new Date(from * 1000).toISOString()),
    to: texts.time(new Date(to * 1000).toISOString()),
  }
  const lines = linesOf([...answer.samples, ...since])
  const data = useMemo(() => drawn(answer.samples, answer.step, since), [answer, since])
  return (
    <>
      <p class="small">{texts.say('history.from', span)}</p>
      {!answer.recording && <p class="notice warn">{texts.say('history.off')}</p>}
      {lines.length === 0 ? (
        <p>{texts.say('history.none')}</p>
      ) : (
        <>
          <Graph
            // Another set of lines is another graph.
            key={lines.join()}
            lines={lines}
            {...{ data, from, to }}
            label={texts.say('history.graph', span)}
          />
          <HistoryWords samples={answer.samples} />
          <HistoryTable samples={answer.samples} range={range} lines={lines} />
          <Download serial={device.serial} range={range} span={end === null ? { from, to } : null} />
        </>
      )}
    </>
  )
}

interface GraphProps {
  readonly lines: readonly Line[]
  readonly data: Drawn
  readonly from: number
  readonly to: number
  readonly label: string
}

function Graph({ lines, data, from, to, label }: GraphProps) {
  const { texts, look } = usePage()
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<Chart | null>(null)
  const legend = useRef<HTMLUListElement>(null)
  const [loaded, setLoaded] = useState(false)
  const [hidden, setHidden] = useState<ReadonlySet<Line>>(new Set())
  const [moment, setMoment] = useState<number | null>(null)
  const [zoom, setZoom] = useState<readonly [number, number] | null>(null)
  const language = texts.locale
  const theme = look.theme.value

  useEffect(() => {
    let gone = false
    void import('./chart.ts').then(({ Chart }) => {
      if (gone || !place.current) return
      const colour = (name: Line | 'text' | 'grid') => colourOf(legend.current, name)
      chart.current = new Chart(place.current, { lines, language, colour, onMoment: setMoment, onZoom: setZoom })
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
    const [first, last] = zoom ?? [from, to]
    if (loaded) chart.current?.show({ data, from: first, to: last, hidden })
  }, [loaded, data, from, to, hidden, zoom])
  useEffect(() => {
    const redraw = () => chart.current?.redraw()
    redraw()
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', redraw)
    return () => system.removeEventListener('change', redraw)
  }, [theme])

  const at = Math.min(moment ?? data.times.length - 1, data.times.length - 1)
  const toggle = (line: Line) => setHidden(new Set(lines.filter((each) => hidden.has(each) !== (each === line))))
  const time = texts.time(new Date((data.times[at] ?? to) * 1000).toISOString())
  const said = lines.map((line) => `${texts.say(`line.${line}`)} ${valueText(texts, line, data.values[line][at])}`)
  return (
    <>
      <div ref={place} class="chart" role="img" aria-label={label} />
      <input
        type="range"
        class="moment"
        aria-label={texts.say('history.moment')}
        aria-valuetext={[time, ...said].join(', ')}
        min={0}
        max={Math.max(0, data.times.length - 1)}
        value={at}
        onInput={(event) => {
          const index = Number(event.currentTarget.value)
          setMoment(index)
          chart.current?.point(index)
        }}
      />
      <p class="small">
        {time}
        {zoom && (
          <button type="button" class="quiet" onClick={() => setZoom(null)}>
            {texts.say('history.whole')}
          </button>
        )}
      </p>
      <ul ref={legend} class="legend" aria-label={texts.say('history.lines')}>
        {lines.map((line) => (
          <li key={line}>
            <button type="button" aria-pressed={!hidden.has(line)} onClick={() => toggle(line)}>
              <span class={`swatch ${line}`} aria-hidden="true" data-line={line} />
              {texts.say(`line.${line}`)} <b>{valueText(texts, line, data.values[line][at])}</b>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** As the style sheets have it for light or dark: of the legend, whose parts have the colours of the lines. */
function colourOf(legend: HTMLElement | null, name: Line | 'text' | 'grid'): string {
  if (!legend) return ''
  if (name === 'text') return getComputedStyle(legend).color
  if (name === 'grid') return getComputedStyle(legend).borderTopColor
  const swatch = legend.querySelector(`[data-line="${name}"]`)
  return swatch ? getComputedStyle(swatch).color : ''
}

interface DownloadProps {
  readonly serial: string
  readonly range: HistoryRange
  readonly span: { readonly from: number; readonly to: number } | null
}

function Download({ serial, range, span }: DownloadProps) {
  const { texts, client } = usePage()
  const task = useTask()
  const save = () =>
    task.run(async () => {
      const { name, content } = await client.file(historyPath(serial, range, span, true))
      saveFile(name, content)
    })
  return (
    <>
      <button type="button" disabled={task.busy} onClick={save}>
        {texts.say('history.csv')}
      </button>
      <Status>{task.busy ? texts.say('common.loading') : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} />}
    </>
  )
}
