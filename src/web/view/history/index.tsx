/** The history of a device: its graph, the same as a table and in words. */
import { useMemo } from 'preact/hooks'
import type { Device, HistoryAnswer } from '../../api/types.ts'
import {
  type DrawnLine,
  drawn,
  type HistoryRange,
  historyPath,
  lengthOf,
  linesOf,
  RANGES,
  type Span,
  samplesIn,
  told,
} from '../../state/history/samples.ts'
import { moved, viewIn, yesterday, zoomedIn } from '../../state/history/view.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { saveFile } from '../parts/save-file.ts'
import { Beside, Compare } from './compare.tsx'
import { Graph } from './graph.tsx'
import { type Followed, useHistory } from './use-history.ts'
import type { UsedView } from './use-view.ts'
import { HistoryTable, HistoryWords, useName } from './words.tsx'

/**
 * Temperatures, setpoint and load of a device over a day, a week or a month, up to now or up to the end of a day; and the
 * temperature of another device beside them.
 */
export function HistorySection({ device, used }: { device: Device; used: UsedView }) {
  const { texts } = usePage()
  const { view, today, other, turn } = used
  const { range, last, zoom } = view
  const own = useHistory(device, view)
  const others = useHistory(other, view)
  const failure = own.failure ?? others.failure
  return (
    <section class="panel history" aria-label={texts.say('history.title')}>
      <h2>{texts.say('history.title')}</h2>
      <div class="row">
        <fieldset class="ranges" aria-label={texts.say('history.range')}>
          {RANGES.map((each) => (
            <button key={each} type="button" aria-pressed={each === range} onClick={() => turn({ range: each, last })}>
              {texts.say(`history.${each}`)}
            </button>
          ))}
        </fieldset>
        <div class="ranges">
          <button type="button" onClick={() => turn(moved(view, -1, today))}>
            ‹ {texts.say('history.back')}
          </button>
          <button type="button" disabled={last === null} onClick={() => turn(moved(view, 1, today))}>
            {texts.say('history.forward')} ›
          </button>
          <button type="button" class="quiet" disabled={last === null} onClick={() => turn({ range, last: null })}>
            {texts.say('history.now')}
          </button>
          <button type="button" class="quiet" onClick={() => turn(yesterday(today))}>
            {texts.say('history.yesterday')}
          </button>
          <input
            type="date"
            aria-label={texts.say('history.last')}
            value={last ?? today}
            max={today}
            onChange={({ currentTarget: { value } }) => turn(viewIn([range, value], today))}
          />
        </div>
      </div>
      <Compare device={device} used={used} />
      {failure && <FailureNotice failure={failure} />}
      {other && <Beside device={other} followed={others} />}
      {own.answer && (
        <Answer
          {...{ device, answer: own.answer, since: own.since, range, zoom }}
          beside={other && others.answer ? { device: other, answer: others.answer, since: others.since } : null}
          end={last === null ? own.now() : null}
          look={(next) => turn({ range, last, ...(next && { zoom: next }) })}
        />
      )}
    </section>
  )
}

interface Heard {
  readonly device: Device
  readonly answer: HistoryAnswer
  readonly since: Followed['since']
}

interface AnswerProps extends Heard {
  readonly beside: Heard | null
  readonly range: HistoryRange
  readonly zoom: Span | undefined
  readonly look: (zoom: Span | undefined) => void
  /** Unix seconds; null for a range that is over. */
  readonly end: number | null
}

function Answer({ device, answer, since, beside, range, zoom, look, end }: AnswerProps) {
  const { texts } = usePage()
  const nameOf = useName(beside?.device)
  const to = end ?? Date.parse(answer.to) / 1000
  const whole = { from: end === null ? Date.parse(answer.from) / 1000 : to - lengthOf(range), to }
  const close = zoomedIn(zoom, whole)
  const part = close ?? whole
  const own = useMemo(() => told(answer.samples, answer.step, since), [answer, since])
  const other = useMemo(
    () => beside && told(beside.answer.samples, beside.answer.step, beside.since),
    [beside?.answer, beside?.since],
  )
  const compared = other?.values.current_temperature.some((value) => typeof value === 'number') ? other : null
  const data = useMemo(() => drawn(own, compared), [own, compared])
  const lines: readonly DrawnLine[] = [
    ...linesOf([...answer.samples, ...since]),
    ...(compared === null ? [] : (['beside'] as const)),
  ]
  const samples = samplesIn(answer.samples, part)
  const besides = compared && beside ? samplesIn(beside.answer.samples, part) : []
  const span = {
    from: texts.time(part.from * 1000),
    to: texts.time(part.to * 1000),
  }
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
            {...{ lines, data, whole, look, nameOf }}
            zoom={close}
            label={texts.say('history.graph', span)}
          />
          <HistoryWords {...{ samples, besides, nameOf }} />
          <HistoryTable {...{ samples, besides, range, lines, nameOf }} />
          <Download serial={device.serial} range={range} span={end === null ? whole : null} />
        </>
      )}
    </>
  )
}

interface DownloadProps {
  readonly serial: string
  readonly range: HistoryRange
  readonly span: Span | null
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
