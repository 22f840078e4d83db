import type { Device } from '../../api/types.ts'
import { usePage } from '../parts/context.ts'

/** The problems of a device in plain words; nothing if all is well. */
export function Problems({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const { state, health, online, model } = device
  const faults = (house.models.value.get(model)?.datapoints ?? []).filter(
    ({ category, key }) => category === 'fault' && state[key] === true,
  )
  if (online && !health.error && faults.length === 0) return null
  return (
    <ul class="problems">
      {!online && <li>{texts.say('card.offline', { time: texts.time(health.last_seen) })}</li>}
      {health.error && (
        <li>
          {texts.lookUp('error', health.error.code)}
          <span class="small block" lang="en">
            {health.error.message}
          </span>
        </li>
      )}
      {faults.map((fault) => (
        <li key={fault.key}>
          <strong>{texts.datapoint(fault).name}.</strong> {texts.datapoint(fault).text}
          {fault.key === 'address_conflict' && health.second_address !== null && (
            <> {texts.say('address.second', { host: health.second_address })}</>
          )}
        </li>
      ))}
    </ul>
  )
}

/** Why the last command failed. */
export function Failed({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const failed = house.failed.value.get(device.serial)
  const points = house.models.value.get(device.model)?.datapoints ?? []
  const what = failed?.keys.map((key) => {
    const point = points.find((candidate) => candidate.key === key)
    return point ? texts.datapoint(point).name : key
  })
  return (
    <div role="alert">
      {failed && (
        <div class="notice bad">
          <strong>{texts.say('card.failed', { what: what?.join(', ') ?? '' })}</strong>{' '}
          {texts.lookUp('error', failed.code)}
          <p class="small" lang="en">
            {failed.message}
          </p>
          <button type="button" class="quiet" onClick={() => house.dismiss(device.serial)}>
            {texts.say('common.close')}
          </button>
        </div>
      )}
    </div>
  )
}

/** Shown next to a requested value that is not confirmed yet. */
export function Pending({ serial, name }: { serial: string; name: string }) {
  const { texts, house } = usePage()
  return (
    <span role="status">
      {house.isPending(serial, name) && (
        <span class="pending">
          <span class="spinner" aria-hidden="true" />
          <span class="hidden">{texts.say('common.pending')}</span>
        </span>
      )}
    </span>
  )
}
