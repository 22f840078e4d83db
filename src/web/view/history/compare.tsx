/** Another device beside the one whose history is shown. */
import { useRef, useState } from 'preact/hooks'
import type { Device } from '../../api/types.ts'
import { byName, matching } from '../../state/list.ts'
import { usePage } from '../hooks/context.ts'
import { SearchField } from '../parts/search-field.tsx'
import type { Followed } from './use-history.ts'
import type { UsedView } from './use-view.ts'

/** How many are offered at once. */
const OFFERED = 8

interface CompareProps {
  readonly device: Device
  readonly used: Pick<UsedView, 'beside' | 'other' | 'choose'>
}

/** Chooses it by name, room or serial; says so if it is not known. */
export function Compare({ device, used: { beside, other, choose } }: CompareProps) {
  const { texts, house } = usePage()
  const [open, setOpen] = useState(false)
  const opener = useRef<HTMLElement>(null)
  const close = () => {
    setOpen(false)
    opener.current?.focus()
  }
  const [search, setSearch] = useState('')
  const others = byName([...house.devices.value.values()].filter(({ serial }) => serial !== device.serial))
  const found = matching(others, { search, filter: 'all', room: null }, house.troubles.value)
  const name = other?.name ?? beside
  if (others.length === 0 && name === undefined) return null
  return (
    <>
      <details class="compare" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary ref={opener}>{texts.say('history.compare')}</summary>
        <SearchField label="history.compareSearch" search={search} change={setSearch} />
        <ul aria-label={texts.say('history.compare')}>
          {found.slice(0, OFFERED).map(({ serial, name, room }) => (
            <li key={serial}>
              <button
                type="button"
                class="quiet break"
                aria-pressed={serial === beside}
                onClick={() => {
                  choose(serial)
                  close()
                }}
              >
                {name}
                {room !== null && <span class="small"> {room}</span>}
              </button>
            </li>
          ))}
        </ul>
        <p class="small" role="status">
          {found.length === 0 && texts.say('list.none')}
          {found.length > OFFERED && texts.say('history.compareMore', { n: found.length - OFFERED })}
        </p>
      </details>
      {name !== undefined && (
        <button
          type="button"
          class="quiet break"
          onClick={() => {
            choose(undefined)
            close()
          }}
        >
          ✕ {texts.say('history.compareEnd', { name })}
        </button>
      )}
      {name !== undefined && !other && <p class="notice warn">{texts.say('history.compareGone')}</p>}
    </>
  )
}

/** Why nothing of the device beside is drawn, if so. */
export function Beside({ device, followed }: { device: Device; followed: Followed }) {
  const { texts, house } = usePage()
  if (!followed.answer) return null
  const measured = [...followed.answer.samples, ...followed.since]
  if (measured.some(({ current_temperature: value }) => typeof value === 'number')) return null
  const kind = house.models.value.get(device.model)?.kind ?? 'thermostat'
  const text = kind === 'thermostat' ? 'history.compareEmpty' : 'history.compareNever'
  return <p class="notice warn">{texts.say(text, { name: device.name })}</p>
}
