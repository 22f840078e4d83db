import type { SchedulePeriod } from '../../api/types.ts'
import { addPeriod, minutesOf, moveTime, removePeriod, setTemperature } from '../../state/schedule/draft.ts'
import { usePage } from '../hooks/context.ts'
import { useNumber } from '../hooks/use-number.ts'
import { useTyped } from '../hooks/use-typed.ts'
import type { GraphScale } from './graph.tsx'

interface PeriodListProps {
  readonly periods: readonly SchedulePeriod[]
  readonly scale: GraphScale
  /** How many a day can have. */
  readonly most: number
  /** Whether the load can be always on or always off. */
  readonly onOff: boolean
  readonly change: (periods: readonly SchedulePeriod[]) => void
}

/** The same day as text fields. A line is identified by its position, so that it stays the same while its time is typed. */
export function PeriodList({ periods, scale, most, onOff, change }: PeriodListProps) {
  const { texts } = usePage()
  return (
    <>
      <ul class="periods">
        {periods.map((period, index) => (
          <li key={index}>
            <Time period={period} set={(value) => change(moveTime(periods, index, minutesOf(value)))} />
            <Temperature {...{ period, scale, onOff }} set={(value) => change(setTemperature(periods, index, value))} />
            <button
              type="button"
              class="quiet"
              disabled={periods.length === 1}
              aria-label={texts.say('schedule.remove', { time: texts.clock(period.time) })}
              onClick={() => change(removePeriod(periods, index))}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      <button type="button" disabled={periods.length >= most} onClick={() => change(addPeriod(periods, most))}>
        {texts.say('schedule.add')}
      </button>
    </>
  )
}

interface TemperatureProps extends Pick<PeriodListProps, 'scale' | 'onOff'> {
  readonly period: SchedulePeriod
  readonly set: (temperature: SchedulePeriod['temperature']) => void
}

function Temperature({ period: { temperature }, scale, onOff, set }: TemperatureProps) {
  const { texts } = usePage()
  const fixed = typeof temperature === 'string'
  return (
    <>
      {(onOff || fixed) && (
        <label class="load">
          {texts.say('schedule.load')}
          <select
            value={fixed ? temperature : ''}
            onChange={({ currentTarget: { value } }) => set(value === 'on' || value === 'off' ? value : scale.min)}
          >
            <option value="">{texts.say('schedule.bySetpoint')}</option>
            <option value="on">{texts.say('value.always_on')}</option>
            <option value="off">{texts.say('value.always_off')}</option>
          </select>
        </label>
      )}
      {!fixed && <Degrees {...{ temperature, scale, set }} />}
    </>
  )
}

function Time({ period, set }: { readonly period: SchedulePeriod; readonly set: (time: string) => void }) {
  const { texts } = usePage()
  const field = useTyped(period.time, (time) => time !== '' && set(time))
  return (
    <label>
      {texts.say('schedule.from')}
      <input type="time" {...field} />
    </label>
  )
}

interface DegreesProps extends Pick<TemperatureProps, 'scale' | 'set'> {
  readonly temperature: number
}

function Degrees({ temperature, scale, set }: DegreesProps) {
  const { texts } = usePage()
  const field = useNumber(temperature, set, scale)
  return (
    <label>
      {texts.say('schedule.temperature')}
      <input {...field} />
    </label>
  )
}
