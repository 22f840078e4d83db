import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Device } from '../../api/types.ts'
import { AWAYS, awayEnd, BOOSTS, nowAt } from '../../state/card.ts'
import type { Wanted } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'
import { useWayBack } from '../hooks/use-way-back.ts'
import { Icon } from '../parts/icons.tsx'
import { Pending } from './problems.tsx'

type Open = 'boost' | 'away' | null

/** Boost and away: one button each, which asks for how long; or one to end what holds. */
export function Presets({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const { serial, state } = device
  const [open, setOpen] = useState<Open>(null)
  const points = house.models.value.get(device.model)?.datapoints ?? []
  if (!points.some(({ key }) => key === 'preset')) return null
  const preset = house.shown(device, 'preset')
  const send = (values: Wanted) => {
    setOpen(null)
    void house.command(serial, values)
  }
  // Only some models can boost.
  const offered = 'boost_minutes' in state ? (['boost', 'away'] as const) : (['away'] as const)
  const panel = `for-${serial}`
  return (
    <>
      <fieldset class="presets" aria-label={texts.say('card.preset')}>
        {preset === 'boost' || preset === 'away' ? (
          <button type="button" class="on" onClick={() => send({ preset: 'none' })}>
            <Icon name={preset} />
            {texts.say(`card.end.${preset}`)}
          </button>
        ) : (
          offered.map((name) => (
            <button
              key={name}
              type="button"
              aria-expanded={open === name}
              aria-controls={open === name ? panel : undefined}
              onClick={() => setOpen(open === name ? null : name)}
            >
              <Icon name={name} />
              {texts.say(`card.${name}`)}
            </button>
          ))
        )}
        <Pending serial={serial} name={['preset', 'away_end']} />
      </fieldset>
      {open && (
        <Lengths key={open} id={panel} label={texts.say(`card.${open}`)}>
          {open === 'boost' ? (
            <BoostLengths send={send} />
          ) : (
            <AwayLengths id={serial} device={device} choose={(end) => send(awayUntil(end))} />
          )}
        </Lengths>
      )}
    </>
  )
}

interface LengthsProps {
  readonly id?: string
  /** What is to last as long as is chosen. */
  readonly label: string
  readonly children: ComponentChildren
}

/** What a button opens to ask for how long. */
export function Lengths({ id, label, children }: LengthsProps) {
  const place = useWayBack<HTMLFieldSetElement>()
  return (
    <fieldset ref={place} class="lengths" id={id} aria-label={label}>
      {children}
    </fieldset>
  )
}

function BoostLengths({ send }: { send: (values: Wanted) => void }) {
  const { texts } = usePage()
  return BOOSTS.map((minutes) => (
    <button key={minutes} type="button" onClick={() => send({ preset: 'boost', boost_minutes: minutes })}>
      {texts.duration(minutes)}
    </button>
  ))
}

/** A start of null: from now on, whatever was planned before. @param end local time; null: until somebody ends it */
export const awayUntil = (end: string | null): Wanted =>
  end === null ? { preset: 'away' } : { away_start: null, away_end: end }

interface AwayLengthsProps {
  /** Distinguishes the field in several places. */
  readonly id: string
  /** By whose clock it is; null for that of the house, or of each device of several. */
  readonly device: Device | null
  /** @param end local time; null: until somebody ends it */
  readonly choose: (end: string | null) => void
}

export function AwayLengths({ id, device, choose }: AwayLengthsProps) {
  const { texts } = usePage()
  const [date, setDate] = useState('')
  const now = nowAt(device, texts)
  return (
    <>
      {AWAYS.map((choice) => {
        const end = awayEnd(choice, now)
        const time = texts.moment(end, { now })
        return (
          <button key={choice} type="button" onClick={() => choose(end)}>
            {texts.say(`away.${choice}`)} <small>{texts.say('away.until', { time })}</small>
          </button>
        )
      })}
      <button type="button" onClick={() => choose(null)}>
        {texts.say('away.open')}
      </button>
      <span class="date">
        <label for={`away-${id}`}>{texts.say('away.date')}</label>
        <input
          id={`away-${id}`}
          type="datetime-local"
          value={date}
          onInput={(event) => setDate(event.currentTarget.value)}
        />
        <button type="button" disabled={date === ''} onClick={() => choose(date)}>
          {texts.say('away.set')}
        </button>
      </span>
    </>
  )
}
