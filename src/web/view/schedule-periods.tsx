import type { SchedulePeriod } from '../api/types.ts'
import { addPeriod, minutesOf, moveTime, removePeriod, setTemperature } from '../state/schedule-draft.ts'
import { usePage } from './context.ts'
import type { GraphScale } from './schedule-graph.tsx'

interface PeriodListProps {
  readonly periods: readonly SchedulePeriod[]
  readonly scale: GraphScale
  /** How many a day can have. */
  readonly most: number
  /** Whether the load can be always on or always off. */
  readonly onOff: boolean
  readonly change: (periods: readonly SchedulePeriod[]) => void
}

/** The same day in words, to be typed. A line goes by its place, so that it stays the same one while its time is typed. */
export function PeriodList({ periods, scale, most, onOff, change }: PeriodListProps) {
  const { texts } = usePage()
  return (
    <>
      <ul class="periods">
        {periods.map((period, index) => (
          <li key={index}>
            <label>
              {texts.say('schedule.from')}
              <input
                type="time"
                value={period.time}
                onChange={({ currentTarget: { value } }) =>
                  value !== '' && change(moveTime(periods, index, minutesOf(value)))
                }
              />
            </label>
            <Temperature {...{ period, scale, onOff }} set={(value) => change(setTemperature(periods, index, value))} />
            <button
              type="button"
              class="quiet"
              disabled={periods.length === 1}
              aria-label={texts.say('schedule.remove', { time: period.time })}
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
        <label>
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
      {!fixed && (
        <label>
          {texts.say('schedule.temperature')}
          <input
            type="number"
            min={scale.min}
            max={scale.max}
            step={scale.step}
            value={temperature}
            onChange={({ currentTarget: { value } }) => value !== '' && set(Number(value))}
          />
        </label>
      )}
    </>
  )
}
