import { useEffect, useState } from 'preact/hooks'
import type { Device, EventPage, LoggedEventJson } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { useTask } from '../hooks/use-task.ts'
import { FailureNotice } from '../parts/notice.tsx'

const PAGE = 10

/** The events of a device, live. */
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
  // A new event triggers the request.
  useEffect(() => {
    task.run(async () => {
      const page = await load(null)
      setEvents(page.events)
      setNext(page.next)
    })
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

function Entry({ event, model }: { event: LoggedEventJson; model: string | undefined }) {
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
