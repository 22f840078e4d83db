import { useState } from 'preact/hooks'
import type { Device } from '../../api/types.ts'
import type { Wanted } from '../../state/house.ts'
import { type Progress, tellAll } from '../../state/several.ts'
import { AwayLengths, awayUntil, Lengths } from '../card/presets.tsx'
import { usePage } from '../hooks/context.ts'
import { numeric } from '../hooks/use-number.ts'
import { Status } from '../parts/notice.tsx'
import { CopyPreview } from '../schedule/preview.tsx'

/** °C that any of the models takes. */
const [COLDEST, WARMEST] = [5, 45]

type Open = 'away' | 'schedule' | null

/** What can be done to the chosen thermostats together. @param shown those that can be chosen now */
export function Several({ shown, devices }: { shown: readonly Device[]; devices: readonly Device[] }) {
  const { texts, house, list } = usePage()
  const [open, setOpen] = useState<Open>(null)
  const [progress, setProgress] = useState<Progress | null>(null)
  const [degrees, setDegrees] = useState('')
  const selected = list.selected.value
  if (selected === null) return null
  const serials = devices.flatMap(({ serial }) => (selected.has(serial) ? [serial] : []))
  /** Nothing can be told to none, nor to any before the last has answered. */
  const idle = serials.length > 0 && (progress === null || progress.done === progress.of)
  const tell = (values: Wanted) => {
    setOpen(null)
    void tellAll(serials, (serial) => house.command(serial, values), setProgress)
  }
  const all = shown.map(({ serial }) => serial)
  const whole = all.length > 0 && all.every((serial) => selected.has(serial))
  const wanted = texts.read(degrees)
  const good = wanted !== undefined && wanted >= COLDEST && wanted <= WARMEST
  return (
    <section class="panel several" aria-label={texts.say('list.several')}>
      <label class="check">
        <input type="checkbox" checked={whole} onChange={() => list.select(all, !whole)} />
        {texts.say('list.all.shown')}
      </label>
      <strong>{texts.say('list.chosen', { n: serials.length })}</strong>
      <form
        class="degrees-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (good) tell({ target_temperature: wanted })
        }}
      >
        <label>
          {texts.say('card.setpoint')}
          <input
            {...numeric()}
            aria-invalid={degrees !== '' && !good}
            value={degrees}
            onInput={({ currentTarget }) => setDegrees(currentTarget.value)}
            required
          />
        </label>
        <button type="submit" disabled={!idle || !good}>
          {texts.say('list.set')}
        </button>
      </form>
      <div class="ranges">
        {(['away', 'schedule'] as const).map((name) => (
          <button
            key={name}
            type="button"
            disabled={!idle}
            aria-expanded={open === name}
            onClick={() => setOpen(open === name ? null : name)}
          >
            {texts.say(name === 'away' ? 'card.away' : 'list.schedule')}
          </button>
        ))}
        <button type="button" disabled={!idle} onClick={() => tell({ preset: 'none' })}>
          {texts.say('card.end.away')}
        </button>
      </div>
      {open === 'away' && (
        <Lengths label={texts.say('card.away')}>
          <AwayLengths id="several" device={null} choose={(end) => tell(awayUntil(end))} />
        </Lengths>
      )}
      {open === 'schedule' && <CopyFrom devices={devices} to={serials} />}
      <Status>{progress && said(progress)}</Status>
    </section>
  )

  function said({ done, of, failed }: Progress): string {
    const names = failed.map((serial) => devices.find((device) => device.serial === serial)?.name ?? serial)
    if (names.length === 0) return texts.say('list.done', { done, of })
    return texts.say('list.failed', { done: done - names.length, of, names: names.join(', ') })
  }
}

/** Copies the week of one thermostat to the chosen ones, after a preview. */
function CopyFrom({ devices, to }: { devices: readonly Device[]; to: readonly string[] }) {
  const { texts } = usePage()
  const [source, setSource] = useState('')
  const sources = devices.flatMap(({ serial, name, schedule }) =>
    (['floor', 'air'] as const)
      .filter((kind) => schedule[kind] !== null)
      .map((kind) => ({ id: `${serial} ${kind}`, serial, kind, name: `${name} (${texts.lookUp('value', kind)})` })),
  )
  const from = sources.find(({ id }) => id === source)
  const others = from ? to.filter((serial) => serial !== from.serial) : []
  return (
    <div>
      <label>
        {texts.say('list.from')}
        <select value={source} onChange={({ currentTarget }) => setSource(currentTarget.value)}>
          <option value="" />
          {sources.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <CopyPreview key={[source, ...others].join()} from={from} to={others} />
    </div>
  )
}
