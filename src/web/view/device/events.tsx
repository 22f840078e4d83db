import { useEffect, useRef, useState } from 'preact/hooks'
import type { Device, EventPage, LoggedEventJson } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice } from '../parts/notice.tsx'
import { deedOf } from './deeds.ts'

const PAGE = 10

/** Milliseconds between two requests: commands may follow each other quickly. */
const AGAIN = 1_000

/** The log of a device, live: what happened to it, and who did what. */
export function DeviceEvents({ device }: { device: Device }) {
  const { house } = usePage()
  const heard = house.news.value.get(device.serial) ?? 0
  return <Events path={`/api/v1/devices/${device.serial}/events`} heard={heard} model={device.model} />
}

/** The events of all devices and of the accounts. */
export function AllEvents() {
  const { house } = usePage()
  return <Events path="/api/v1/log" heard={house.news.value.get('') ?? 0} />
}

/** The newest first; requested again after each new event. */
function Events({ path, heard, model }: { path: string; heard: number; model?: string }) {
  const { texts, client } = usePage()
  const [events, setEvents] = useState<readonly LoggedEventJson[]>([])
  const [next, setNext] = useState<number | null>(null)
  const task = useTask()
  const load = (before: number | null) => {
    const query = before === null ? '' : `&before=${before}`
    return client.get<EventPage>(`${path}?limit=${PAGE}${query}`)
  }
  const asked = useRef(Number.NEGATIVE_INFINITY)
  // A new event triggers the request.
  useEffect(() => {
    const timer = setTimeout(
      () => {
        asked.current = performance.now()
        task.run(async () => {
          const page = await load(null)
          setEvents(page.events)
          setNext(page.next)
        })
      },
      asked.current + AGAIN - performance.now(),
    )
    return () => clearTimeout(timer)
  }, [path, heard])
  const older = () =>
    task.run(async () => {
      const page = await load(next)
      setEvents((all) => [...all, ...page.events])
      setNext(page.next)
    })
  return (
    <section class="panel" aria-label={texts.say('events.title')}>
      <h2>{texts.say('events.title')}</h2>
      {events.length === 0 && !task.busy && <p>{texts.say('events.none')}</p>}
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

/** @param model of the device whose log it is; undefined in the log of all */
function Entry({ event, model }: { event: LoggedEventJson; model: string | undefined }) {
  const { texts, house } = usePage()
  const device = house.devices.value.get(event.serial ?? '')
  const deed = deedOf(event, house.models.value.get(model ?? device?.model ?? '')?.datapoints ?? [], texts)
  if (!deed) return <Happening event={event} model={model} />
  const { at } = event
  return (
    <li>
      <span>
        <time dateTime={at} title={texts.time(at)}>
          {texts.moment(at, new Date())}
        </time>{' '}
        {model === undefined && device && (
          <>
            <a href={`#/devices/${device.serial}`}>{device.name}</a>:{' '}
          </>
        )}
        {deed.sentence} {deed.remedy && <a href={`#/${deed.remedy}`}>{texts.say(`app.${deed.remedy}`)}</a>}
        {deed.reason !== null && (
          // The bridge's messages are in English.
          <span class="small block" lang="en">
            {deed.reason}
          </span>
        )}
        {deed.more !== null && <span class="small block">{deed.more}</span>}
      </span>
    </li>
  )
}

function Happening({ event, model }: { event: LoggedEventJson; model: string | undefined }) {
  const { texts, house } = usePage()
  const { at, type, message, details, serial, account } = event
  const title = texts.find(`event.${type}`)
  // The bridge's messages are in English; in other languages the title says what happened, and this to which device.
  const name = house.devices.value.get(serial ?? '')?.name ?? account ?? serial
  const more = texts.language === 'en' ? message : (name ?? message)
  const fault = (model === undefined ? undefined : house.models.value.get(model))?.datapoints.find(
    ({ key }) => key === details?.fault,
  )
  return (
    <li>
      <span>
        {title ?? message}
        {title !== null && fault && `: ${texts.datapoint(fault).name}`}
        <span class="small block">
          <time dateTime={at}>{texts.time(at)}</time>
          {title !== null && ` · ${more}`}
        </span>
      </span>
    </li>
  )
}
