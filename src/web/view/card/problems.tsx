import type { Datapoint, Device } from '../../api/types.ts'
import { findingsOf, lastFailureOf, refusalOf } from '../../state/card.ts'
import { usePage } from '../hooks/context.ts'
import { Icon } from '../parts/icons.tsx'
import { inWords } from '../parts/notice.tsx'
import { findingText } from './findings.tsx'

/** The problems of a device in plain words; nothing if all is well. */
export function Problems({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const { health, online } = device
  const faults = useFaults(device)
  const refusal = refusalOf(device)
  const trouble = useTrouble(device)
  const modeFailed = house.troubleOf(device.serial)?.kind === 'mode'
  if (online && !health.error && faults.length === 0 && !refusal && !modeFailed) return null
  return (
    <ul class="problems">
      {refusal && (
        <li class="refusal">
          <Icon name="lock" />
          {texts.lookUp('error', refusal)}
        </li>
      )}
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
      {modeFailed && <li>{trouble}</li>}
    </ul>
  )
}

/** The worst of what is wrong with a device, in a sentence; empty if all is well. */
export function useTrouble(device: Device): string {
  const { texts, house } = usePage()
  const [fault] = useFaults(device)
  const failed = useNames(device, lastFailureOf(device.state)?.about ?? [])
  const trouble = house.troubleOf(device.serial)
  if (!trouble) return ''
  const { kind, code, message } = trouble
  const why = texts.find(`error.${code}`) ?? message
  switch (kind) {
    case 'offline':
      return texts.say('card.offline', { time: texts.time(device.health.last_seen) })
    case 'fault':
      return fault ? `${texts.datapoint(fault).name}. ${texts.datapoint(fault).text}` : message
    case 'finding': {
      const finding = findingsOf(device.state).find((one) => one.kind === code)
      return finding ? findingText(finding, texts) : message
    }
    case 'mode':
      return `${texts.say('card.modeFailed')} ${why}`
    case 'command':
      return `${texts.say('card.failed', { what: failed })} ${why}`
    case 'error':
    case 'refuses':
      return why
  }
}

function useFaults({ model, state }: Device): readonly Datapoint[] {
  const { house } = usePage()
  const points = house.models.value.get(model)?.datapoints ?? []
  return points.filter(({ category, key }) => category === 'fault' && state[key] === true)
}

/** The name of each key of a command. */
function useNames(device: Device, keys: readonly string[]): string {
  const { texts, house } = usePage()
  const points = house.models.value.get(device.model)?.datapoints ?? []
  const names = keys.map((key) => {
    const point = points.find((candidate) => candidate.key === key)
    return point ? texts.datapoint(point).name : key
  })
  return names.join(', ')
}

/** That the first command to the device waits, whoever sent it, and why; empty if none does. */
export function useWait({ serial }: Device): string {
  const { texts, house } = usePage()
  const seconds = house.waitsOf(serial)
  return seconds === undefined ? '' : texts.say('card.waits', { seconds: texts.number(seconds) })
}

export function Waits({ device }: { device: Device }) {
  const wait = useWait(device)
  return <div role="status">{wait !== '' && <p class="notice">{wait}</p>}</div>
}

/** Why the last command to the device failed, whoever sent it, in a line. */
export function LastFailed({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const failure = lastFailureOf(device.state)
  const what = useNames(device, failure?.about ?? [])
  // What was asked for here is said in full.
  if (!failure || house.failedOf(device.serial)) return null
  return (
    <p class="small last">
      <Icon name="alert" />
      {texts.moment(failure.at)}: {texts.say('card.failed', { what })} {texts.lookUp('error', failure.code)}
    </p>
  )
}

/** Why the last command from this page failed. */
export function Failed({ device }: { device: Device }) {
  const { texts, house } = usePage()
  const failed = house.failedOf(device.serial)
  const what = useNames(device, failed?.keys ?? [])
  return (
    <div role="alert">
      {failed && (
        <div class="notice bad">
          <strong>{texts.say('card.failed', { what })}</strong> {inWords(texts, failed)}
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

/** Shown next to a requested value that is not confirmed yet. @param name the keys that it is about */
export function Pending({ serial, name }: { serial: string; name: readonly string[] }) {
  const { texts, house } = usePage()
  return (
    <span role="status">
      {name.some((key) => house.isPending(serial, key)) && (
        <span class="pending">
          <span class="spinner" aria-hidden="true" />
          <span class="hidden">{texts.say('common.pending')}</span>
        </span>
      )}
    </span>
  )
}
