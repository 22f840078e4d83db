import { useEffect, useRef, useState } from 'preact/hooks'
import type { Device, EventPage, LoggedEventJson } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice } from '../parts/notice.tsx'
import { type Deed, deedOf } from './deeds.ts'

const PAGE = 10

/** How many entries may have come since the last request without what somebody has opened being cut off; and the most of one answer. */
const NEWS = 50
const MOST = 999

/** Milliseconds between two requests: commands may follow each other quickly. */
const AGAIN = 1_000

/** The log of a device, live: what happened to it, and who did what. */
export function DeviceEvents({ device }: { device: Device }) {
  const { house } = usePage()
  const heard = house.news.value.get(device.serial) ?? 0
  const path = `/api/v1/devices/${device.serial}/events`
  // Those of another device are another list.
  return <Events key={path} path={path} heard={heard} model={device.model} />
}

/** The events of all devices and of the accounts. */
export function AllEvents() {
  const { house } = usePage()
  return <Events path="/api/v1/log" heard={house.news.value.get('') ?? 0} />
}

/** As far down as is shown already: what somebody has opened stays, though several entries may have become one. */
function downTo(shown: EventPage, { events, next }: EventPage): EventPage {
  const oldest = shown.events.at(-1)?.id ?? 0
  const kept = events.filter(({ id }) => id >= oldest)
  return kept.length === events.length ? { events, next } : { events: kept, next: kept.at(-1)?.id ?? null }
}

const UNKNOWN: EventPage = { events: [], next: null }

/** The newest first; requested again after each new event. */
function Events({ path, heard, model }: { path: string; heard: number; model?: string }) {
  const { texts, client, house } = usePage()
  const [shown, setShown] = useState(UNKNOWN)
  const live = house.live.value === 'live'
  const { events, next } = shown
  /** Whether somebody has asked for older ones. */
  const opened = useRef(false)
  const task = useTask()
  const load = (limit: number, before?: number | null) =>
    client.get<EventPage>(`${path}?limit=${limit}${typeof before === 'number' ? `&before=${before}` : ''}`)
  const asked = useRef(Number.NEGATIVE_INFINITY)
  /** Counts the requests for the newest: only the answer to the last one tells them. */
  const turn = useRef(0)
  // A new event triggers the request; so does the return of the bridge, since it told nobody of what happened meanwhile.
  useEffect(() => {
    if (!live) return
    const timer = setTimeout(
      () => {
        asked.current = performance.now()
        const own = ++turn.current
        task.run(async () => {
          const page = await load(opened.current ? Math.min(events.length + NEWS, MOST) : PAGE)
          if (own === turn.current) setShown((all) => (opened.current ? downTo(all, page) : page))
        })
      },
      asked.current + AGAIN - performance.now(),
    )
    return () => clearTimeout(timer)
  }, [path, heard, live])
  const older = () => {
    opened.current = true
    task.run(async () => {
      const page = await load(PAGE, next)
      // It continues what is shown, unless that has become another list meanwhile.
      setShown((all) => (all.next === next ? { ...page, events: [...all.events, ...page.events] } : all))
    })
  }
  return (
    <section class="panel" aria-label={texts.say('events.title')}>
      <h2>{texts.say('events.title')}</h2>
      {events.length === 0 && shown !== UNKNOWN && <p>{texts.say('events.none')}</p>}
      <ul class="list">
        {events.map((event) => (
          <Entry key={event.id} event={event} model={model} />
        ))}
      </ul>
      {next !== null && (
        <button type="button" class="quiet" disabled={task.busy} onClick={older}>
          {texts.say('events.older')}
        </button>
      )}
      {task.failure && <FailureNotice failure={task.failure} />}
    </section>
  )
}

interface EntryProps {
  readonly event: LoggedEventJson
  /** Of the device whose log it is; undefined in the log of all. */
  readonly model: string | undefined
}

function Entry({ event, model }: EntryProps) {
  const { texts, house } = usePage()
  const { at, serial } = event
  const device = house.devices.value.get(serial ?? '')
  const deed = deedOf(event, house.models.value.get(model ?? device?.model ?? '')?.datapoints ?? [], texts)
  return (
    <li>
      <span>
        <time dateTime={at} title={texts.time(at)}>
          {texts.moment(at)}
        </time>{' '}
        {deed ? (
          <>
            {model === undefined && device && (
              <>
                <a href={`#/devices/${device.serial}`}>{device.name}</a>:{' '}
              </>
            )}
            <Done deed={deed} />
          </>
        ) : (
          <Happening event={event} model={model} />
        )}
      </span>
    </li>
  )
}

/** What somebody did. */
function Done({ deed: { sentence, remedy, reason, more } }: { deed: Deed }) {
  const { texts, may } = usePage()
  return (
    <>
      {sentence} {remedy && may('admin') && <a href={`#/${remedy}`}>{texts.say(`app.${remedy}`)}</a>}
      {reason !== null && (
        // The bridge's messages are in English.
        <span class="small block" lang="en">
          {reason}
        </span>
      )}
      {more !== null && <span class="small block">{more}</span>}
    </>
  )
}

/** What happened by itself. */
function Happening({ event, model }: EntryProps) {
  const { texts, house } = usePage()
  const { type, message, details, serial, account } = event
  const title = texts.find(`event.${type}`)
  // The bridge's messages are in English; in other languages the title says what happened, and this to which device.
  const name = house.devices.value.get(serial ?? '')?.name ?? account ?? serial
  const more = texts.language === 'en' ? message : (name ?? message)
  const fault = (model === undefined ? undefined : house.models.value.get(model))?.datapoints.find(
    ({ key }) => key === details?.fault,
  )
  return (
    <>
      {title ?? message}
      {title !== null && fault && `: ${texts.datapoint(fault).name}`}
      {title !== null && <span class="small block">{more}</span>}
    </>
  )
}
