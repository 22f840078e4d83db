import type { ScheduleKind, SchedulesApplied } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'

type Outcome = SchedulesApplied['devices'][number]

const KINDS: readonly ScheduleKind[] = ['floor', 'air']

/** The result, or expected result, for each thermostat; announced when it changes. */
export function ScheduleOutcomes({ applied }: { applied: SchedulesApplied | null }) {
  const { texts } = usePage()
  return (
    <div role="status">
      {applied && (
        <div class={`notice ${applied.ok ? 'good' : 'warn'}`}>
          <p>{texts.say(applied.dry_run ? 'schedules.dry' : applied.ok ? 'schedules.all' : 'schedules.some')}</p>
          <ul>
            {applied.devices.map((outcome) => (
              <li key={outcome.serial}>
                <strong>{outcome.name ?? outcome.serial}</strong>: <Became outcome={outcome} dryRun={applied.dry_run} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

function Became({ outcome, dryRun }: { outcome: Outcome; dryRun: boolean }) {
  const { texts } = usePage()
  const { written, rounded = {}, error } = outcome
  const days = KINDS.flatMap((kind) => {
    const names = written.filter((one) => one.kind === kind).map(({ day }) => texts.say(`day.${day}`))
    return names.length === 0 ? [] : [`${texts.lookUp('schedule', kind)}: ${names.join(', ')}`]
  })
  const off = Object.values(rounded).map(({ asked, set }) => `${texts.number(asked)} → ${texts.quantity(set, '°C')}`)
  return (
    <>
      {days.length > 0 && texts.say(dryRun ? 'schedules.would' : 'schedules.did', { days: days.join('; ') })}
      {days.length === 0 && !error && texts.say('schedules.same')}
      {off.length > 0 && <> {texts.say('schedules.rounded', { values: [...new Set(off)].join(', ') })}</>}
      {error && (
        <>
          {' '}
          {texts.lookUp('error', error.code)}
          <span class="small block" lang="en">
            {error.message}
          </span>
        </>
      )}
    </>
  )
}
