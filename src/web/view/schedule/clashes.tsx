import { useRef } from 'preact/hooks'
import type { Day, SchedulePeriod, ScheduleWeek } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { temperatureText } from './graph.tsx'

interface ClashesProps {
  readonly days: readonly Day[]
  readonly own: ScheduleWeek
  readonly saved: ScheduleWeek
  readonly decide: (day: Day, stays: 'own' | 'saved') => void
}

/** Days that were changed here and elsewhere, each with the choice of which one stays. */
export function Clashes({ days, own, saved, decide }: ClashesProps) {
  const { texts } = usePage()
  const place = useRef<HTMLDivElement>(null)
  const told = ({ time, temperature }: SchedulePeriod) => `${texts.clock(time)} ${temperatureText(temperature, texts)}`
  const sides = [
    ['own', own],
    ['saved', saved],
  ] as const
  return (
    <div ref={place} role="status" tabIndex={-1}>
      {days.map((day) => (
        <section key={day} class="notice warn" aria-label={texts.say(`day.${day}`)}>
          <p>{texts.say('schedule.clash', { day: texts.say(`day.${day}`) })}</p>
          {sides.map(([side, week]) => (
            <p key={side}>
              <button
                type="button"
                onClick={() => {
                  decide(day, side)
                  // The button disappears.
                  place.current?.focus()
                }}
              >
                {texts.say(`schedule.keep.${side}`)}
              </button>{' '}
              <span class="small">{week[day].map(told).join(', ')}</span>
            </p>
          ))}
        </section>
      ))}
    </div>
  )
}
