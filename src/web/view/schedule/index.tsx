/** The weekly schedules of a device: shown, edited, copied. */
import { useState } from 'preact/hooks'
import type { Day, Device, Schedule, ScheduleKind, ScheduleWeek } from '../../api/types.ts'
import { nowAt, sensorOf } from '../../state/card.ts'
import { setpointRange } from '../../state/limits.ts'
import {
  changedDays,
  clashes,
  copyDay,
  DAYS,
  type Draft,
  dayOf,
  decided,
  type Periods,
  undo,
  weekOf,
  withDay,
  without,
} from '../../state/schedule/draft.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { Locked, Only } from '../parts/rights.tsx'
import { Clashes } from './clashes.tsx'
import { CopySchedule } from './copy.tsx'
import { DayGraph, type GraphScale, MiniDay } from './graph.tsx'
import { PeriodList } from './periods.tsx'

/** The weekly schedules of a device; one is shown and edited at a time. */
export function ScheduleSection({ device }: { device: Device }) {
  const { texts } = usePage()
  const kinds = (['floor', 'air'] as const).filter((kind) => device.schedule[kind] !== null)
  const [chosen, setChosen] = useState<ScheduleKind | null>(null)
  const inForce = sensorOf(device.state)
  const kind = chosen ?? kinds.find((each) => each === inForce) ?? kinds[0]
  const week = kind && device.schedule[kind]
  return (
    <section class="panel" aria-label={texts.say('schedule.title')}>
      <h2>{texts.say('schedule.title')}</h2>
      {kinds.length > 1 && (
        <div class="row">
          {kinds.map((each) => (
            <button key={each} type="button" aria-pressed={each === kind} onClick={() => setChosen(each)}>
              {texts.lookUp('schedule', each)}
            </button>
          ))}
        </div>
      )}
      {kind && week ? (
        <Editor key={`${device.serial} ${kind}`} device={device} kind={kind} saved={week} />
      ) : (
        texts.say('schedule.none')
      )}
    </section>
  )
}

interface EditorProps {
  readonly device: Device
  readonly kind: ScheduleKind
  readonly saved: ScheduleWeek
}

function Editor({ device, kind, saved }: EditorProps) {
  const { texts, client, drafts, may } = usePage()
  const place = `${device.serial} ${kind}`
  const [day, setDay] = useState<Day>(dayOf(nowAt(device, texts)))
  const task = useTask()
  const draft = drafts.of(place)
  const week = weekOf(draft, saved)
  const changed = changedDays(draft, saved)
  const clashing = clashes(draft, saved)
  const edit = (next: Draft) => {
    task.reset()
    drafts.put(place, next)
  }
  const save = () =>
    task.run(async () => {
      const days = Object.fromEntries(changed.map((name) => [name, week[name]]))
      const path = `/api/v1/devices/${device.serial}/schedule`
      const put = async (query: string) => (await client.send<Schedule>('PUT', path + query, { [kind]: days }))[kind]
      // What was changed at the device itself, the bridge may not have read yet. It shows what it reads.
      const held = await put('?dry_run=true')
      if (held && clashes(draft, held).length > 0) return
      const now = await put('')
      drafts.put(place, without(drafts.of(place), draft.changes, now ?? week))
    })
  const scale = scaleOf(device, kind, week)
  const most = typeof device.state.schedule_periods === 'number' ? device.state.schedule_periods : 8
  const change = (periods: Periods, keep = true) => edit(withDay(draft, saved, day, periods, { keep }))
  return (
    <>
      <div class="week" role="radiogroup" aria-label={texts.say('schedule.day')}>
        {texts.week(DAYS).map((each) => (
          <label key={each} class={each === day ? 'chosen' : ''}>
            <input type="radio" name={`day-${kind}`} checked={each === day} onChange={() => setDay(each)} />
            <span class="name">
              <span class="long">{texts.say(`day.${each}`)}</span>
              <span class="short" aria-hidden="true">
                {texts.weekday(DAYS.indexOf(each))}
              </span>
              {changed.includes(each) && (
                <em>
                  {' '}
                  <span class="long">({texts.say('schedule.changed')})</span>
                  <span class="short" aria-hidden="true">
                    •
                  </span>
                </em>
              )}
            </span>
            <MiniDay week={week} day={each} scale={scale} />
          </label>
        ))}
      </div>
      <h3>{texts.say(`day.${day}`)}</h3>
      <DayGraph week={week} day={day} scale={scale} change={may('control') ? change : null} />
      <Locked scope="control">
        <PeriodList periods={week[day]} scale={scale} most={most} change={change} onOff={hasOnOff(device)} />
      </Locked>
      <Only scope="control">
        <CopyDay day={day} copy={(to) => edit(copyDay(draft, saved, day, to))} />
        <Clashes
          days={clashing}
          own={week}
          saved={saved}
          decide={(each, stays) => edit(decided(draft, saved, each, stays))}
        />
        <div class="row">
          <button type="button" disabled={draft.before.length === 0 || task.busy} onClick={() => edit(undo(draft))}>
            {texts.say('common.undo')}
          </button>
          <button
            type="button"
            class="primary"
            disabled={changed.length === 0 || clashing.length > 0 || task.busy}
            onClick={save}
          >
            {texts.say('common.save')}
          </button>
        </div>
        <Status>
          {task.busy
            ? texts.say('schedule.saving')
            : task.done && changed.length === 0
              ? texts.say('schedule.saved')
              : ''}
        </Status>
        {task.failure && <FailureNotice failure={task.failure} />}
        <CopySchedule device={device} kind={kind} unsaved={changed.length > 0} />
      </Only>
    </>
  )
}

/** Models with always on and off have them in their temporary setpoint too. */
const hasOnOff = ({ state }: Device): boolean => 'load_control' in state

/** From the limits of the sensor, and wide enough for the present schedule. */
function scaleOf(device: Device, kind: ScheduleKind, week: ScheduleWeek): GraphScale {
  const range = setpointRange(device, kind)
  const all = DAYS.flatMap((day) => week[day].flatMap(({ temperature: t }) => (typeof t === 'number' ? [t] : [])))
  return { ...range, min: Math.min(range.min, ...all), max: Math.max(range.max, ...all) }
}

function CopyDay({ day, copy }: { day: Day; copy: (to: readonly Day[]) => void }) {
  const { texts } = usePage()
  const others = texts.week(DAYS).filter((each) => each !== day)
  return (
    <fieldset class="copy">
      <legend>{texts.say('schedule.copy')}</legend>
      {others.map((each) => (
        <button
          key={each}
          type="button"
          class="quiet"
          aria-label={texts.say('schedule.copyTo', { day: texts.say(`day.${each}`) })}
          onClick={() => copy([each])}
        >
          {texts.say(`day.${each}`)}
        </button>
      ))}
      <button type="button" class="quiet" onClick={() => copy(others)}>
        {texts.say('schedule.copyAll')}
      </button>
    </fieldset>
  )
}
