import type { Device } from '../../api/types.ts'
import { choosesAll, FILTERS, isRoomGone, MATCHES, roomsOf } from '../../state/list.ts'
import { usePage } from '../hooks/context.ts'
import { Only } from '../parts/rights.tsx'
import { SearchField } from '../parts/search-field.tsx'

/** Search, filters, cards or rows, and several at once. */
export function Tools({ devices, rows }: { devices: readonly Device[]; rows: boolean }) {
  const { texts, house, list } = usePage()
  const troubles = house.troubles.value
  const { search, filter, room } = list.chosen.value
  const rooms = roomsOf(devices)
  const selecting = list.selected.value !== null
  return (
    <search class="tools" aria-label={texts.say('list.tools')}>
      <SearchField label="list.search" search={search} change={(text) => list.choose({ search: text })} />
      <fieldset class="ranges" aria-label={texts.say('list.filter')}>
        {FILTERS.map((name) => (
          <button key={name} type="button" aria-pressed={name === filter} onClick={() => list.choose({ filter: name })}>
            {texts.say(`list.${name}`)}{' '}
            <small>{devices.filter((device) => MATCHES[name](device, troubles)).length}</small>
          </button>
        ))}
      </fieldset>
      {rooms.length > 0 && (
        <select
          aria-label={texts.say('list.room')}
          value={room !== null && rooms.includes(room) ? room : ''}
          onChange={({ currentTarget: { value } }) => list.choose({ room: value === '' ? null : value })}
        >
          <option value="">{texts.say('list.rooms')}</option>
          {rooms.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
      <div class="ranges">
        <button
          type="button"
          onClick={() => {
            list.form.value = rows ? 'cards' : 'rows'
          }}
        >
          {texts.say(rows ? 'list.cards' : 'list.rows')}
        </button>
        <Only scope="control">
          <button
            type="button"
            aria-pressed={selecting}
            onClick={() => {
              list.selected.value = selecting ? null : new Set()
            }}
          >
            {texts.say('list.several')}
          </button>
        </Only>
      </div>
    </search>
  )
}

/** What the choice leaves, and the way back to everything: also where there are too few devices to choose among. */
export function Choice({ devices, shown }: { devices: readonly Device[]; shown: number }) {
  const { texts, list } = usePage()
  const chosen = list.chosen.value
  const { room } = chosen
  const all = choosesAll(chosen)
  return (
    <div class={all ? '' : 'row'}>
      <div role="status">
        {room !== null && isRoomGone(devices, chosen) && <p class="break">{texts.say('list.roomGone', { room })}</p>}
        {!all && texts.say('list.shown', { n: shown, all: devices.length })}
      </div>
      {!all && (
        <button type="button" onClick={() => list.showAll()}>
          {texts.say('list.showAll')}
        </button>
      )}
    </div>
  )
}
