/** The devices of the house by room, and what can be done with a room. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Device, Room } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice, Status } from '../parts/notice.tsx'
import { Only } from '../parts/rights.tsx'
import { Sure } from '../parts/sure.tsx'
import { grouped, moved, suggestions } from './by-room.ts'
import { Modes } from './mode.tsx'

interface ByRoomProps {
  readonly devices: readonly Device[]
  readonly children: (devices: readonly Device[]) => ComponentChildren
}

export function ByRoom({ devices, children }: ByRoomProps) {
  const { texts, house } = usePage()
  const rooms = house.whole.value?.rooms ?? []
  const groups = grouped(devices, rooms)
  if (groups.every(({ room }) => room === null)) return <>{children(devices)}</>
  return (
    <div class="rooms">
      {groups.map((group) =>
        group.room ? (
          <RoomSection key={group.room.name} room={group.room} rooms={rooms}>
            {children(group.devices)}
          </RoomSection>
        ) : (
          <section key="" class="room" aria-label={texts.say('room.none')}>
            <h2>{texts.say('room.none')}</h2>
            {children(group.devices)}
          </section>
        ),
      )}
    </div>
  )
}

interface RoomProps {
  readonly room: Room
  readonly rooms: readonly Room[]
}

function RoomSection({ room, rooms, children }: RoomProps & { readonly children: ComponentChildren }) {
  const { texts } = usePage()
  const [open, setOpen] = useState(false)
  const { name, mode } = room
  return (
    <section class="room" aria-label={name} data-room={name}>
      <div class="room-head">
        <h2>{name}</h2>
        {mode !== 'normal' && <span class="until away">{texts.say(`mode.${mode}`)}</span>}
        <Only scope="control">
          <button
            type="button"
            class="quiet"
            aria-expanded={open}
            aria-label={texts.say('room.more', { name })}
            onClick={() => setOpen(!open)}
          >
            ⋯
          </button>
        </Only>
        <Only scope="admin">{rooms.length > 1 && <Handle room={room} rooms={rooms} />}</Only>
      </div>
      {open && (
        <Only scope="control">
          <RoomTools room={room} close={() => setOpen(false)} />
        </Only>
      )}
      {children}
    </section>
  )
}

/** Moves the room by dragging, or by the arrow keys. */
function Handle({ room: { name }, rooms }: RoomProps) {
  const { texts, client } = usePage()
  const task = useTask()
  const names = rooms.map((room) => room.name)
  const place = names.indexOf(name)
  const move = (to: number) => {
    const order = moved(names, name, to)
    if (task.busy || order.indexOf(name) === place) return
    task.run(async () => {
      await client.send('PUT', '/api/v1/house/rooms', { rooms: order })
    })
  }
  return (
    <>
      <button
        type="button"
        class="quiet handle"
        aria-label={texts.say('room.move', { name })}
        onKeyDown={(event) => {
          const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
          if (step === undefined) return
          event.preventDefault()
          move(place + step)
        }}
        onPointerDown={({ currentTarget, pointerId }) => currentTarget.setPointerCapture(pointerId)}
        onPointerMove={({ currentTarget, pointerId, clientX, clientY }) => {
          if (!currentTarget.hasPointerCapture(pointerId)) return
          scrollAt(clientY)
          showTarget(nearest(clientX, clientY))
        }}
        onPointerUp={({ currentTarget, pointerId }) => {
          if (!currentTarget.hasPointerCapture(pointerId)) return
          // The place that was marked, though the page may have moved below the pointer since.
          const target = document.querySelector<HTMLElement>(`.${MARK}`)?.dataset.room
          showTarget(undefined)
          if (target !== undefined && target !== name) move(names.indexOf(target))
        }}
        onPointerCancel={() => showTarget(undefined)}
      >
        ↕
      </button>
      <span class="hidden" role="status">
        {task.done ? texts.say('room.moved', { name, n: place + 1, of: names.length }) : ''}
      </span>
      {task.failure && <FailureNotice failure={task.failure} />}
    </>
  )
}

/** The room at this place of the window, or the one that is nearest to it. */
function nearest(x: number, y: number): HTMLElement | undefined {
  const away = (room: HTMLElement) => {
    const { left, right, top, bottom } = room.getBoundingClientRect()
    return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom))
  }
  const rooms = [...document.querySelectorAll<HTMLElement>('[data-room]')]
  return rooms.toSorted((a, b) => away(a) - away(b))[0]
}

/** Pixels from the edge of the window within which a drag scrolls it, and by how many. */
const EDGE = { within: 60, by: 20 } as const

function scrollAt(y: number): void {
  if (y < EDGE.within) scrollBy(0, -EDGE.by)
  else if (y > innerHeight - EDGE.within) scrollBy(0, EDGE.by)
}

const MARK = 'drop'

function showTarget(target: HTMLElement | undefined): void {
  for (const room of document.querySelectorAll('[data-room]')) room.classList.toggle(MARK, room === target)
}

/** The mode of a room, its name, and its end. */
function RoomTools({ room, close }: { room: Room; close: () => void }) {
  const { texts, client } = usePage()
  const [typed, setTyped] = useState(room.name)
  const [asking, setAsking] = useState(false)
  const task = useTask()
  const rename = (name: string | null) => {
    setAsking(false)
    task.run(async () => {
      await client.send('PATCH', '/api/v1/house/rooms', { room: room.name, name })
      close()
    })
  }
  return (
    <div class="panel">
      <Modes room={room.name} now={room} />
      <Only scope="admin">
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault()
            rename(typed.trim())
          }}
        >
          <label>
            {texts.say('room.name')}
            <input
              value={typed}
              maxLength={64}
              autocomplete="off"
              onInput={(event) => setTyped(event.currentTarget.value)}
              required
            />
          </label>
          <button type="submit" disabled={task.busy || typed.trim() === room.name}>
            {texts.say('common.save')}
          </button>
          <button type="button" class="quiet" disabled={task.busy} onClick={() => setAsking(true)}>
            {texts.say('room.remove')}
          </button>
        </form>
        {asking && (
          <Sure
            label={texts.say('room.remove')}
            yes={texts.say('room.remove')}
            act={() => rename(null)}
            cancel={() => setAsking(false)}
          >
            {texts.say('room.removeSure', { name: room.name })}
          </Sure>
        )}
      </Only>
      {task.failure && <FailureNotice failure={task.failure} />}
    </div>
  )
}

/** Offers the rooms that the names suggest, as long as there is no room. */
export function RoomHint() {
  const { texts, house, client } = usePage()
  const task = useTask()
  const whole = house.whole.value
  const suggested = suggestions(house.devices.value.values())
  // Once begun, it stays until all are in their rooms, or somebody has read why not.
  const begun = task.busy || task.failure !== null
  if (!begun && (whole?.rooms.length !== 0 || suggested.size < 2)) return null
  const use = () =>
    task.run(async () => {
      for (const [room, serials] of suggested) {
        for (const serial of serials) await client.send('PATCH', `/api/v1/devices/${serial}`, { room })
      }
    })
  return (
    <details class="panel">
      <summary>{texts.say('room.hint')}</summary>
      <ul>
        {[...suggested].map(([room, serials]) => (
          <li key={room}>
            <strong>{room}</strong>: {serials.map((serial) => house.devices.value.get(serial)?.name).join(', ')}
          </li>
        ))}
      </ul>
      <button type="button" disabled={task.busy} onClick={use}>
        {texts.say('room.use')}
      </button>
      <Status>{task.busy ? texts.say('common.loading') : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} />}
    </details>
  )
}
