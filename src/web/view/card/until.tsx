import type { Device } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { nowAt, untilOf } from '../../state/card.ts'
import { usePage } from '../hooks/context.ts'
import { Icon } from '../parts/icons.tsx'

const ICONS = { boost: 'boost', away: 'away', schedule: 'clock', manual: 'clock' } as const

/** Until when what holds now lasts, in a line. */
export function UntilLine({ device }: { device: Device }) {
  const { texts } = usePage()
  const until = untilOf(device.state)
  if (!until) return null
  return (
    <p class={`until ${until.kind}`}>
      <Icon name={ICONS[until.kind]} />
      {untilText(device, texts)}
    </p>
  )
}

/** By the clock of the device; empty if it does not say. */
export function untilText(device: Device, texts: Texts): string {
  const until = untilOf(device.state)
  if (!until) return ''
  const { kind, at, next } = until
  if (at === null) return texts.say(`until.${kind === 'boost' || kind === 'away' ? kind : 'manual'}.open`)
  const time = texts.moment(at, { zone: device.timezone, now: nowAt(device, texts) })
  if (kind === 'boost' || kind === 'away') return texts.say(`until.${kind}`, { time })
  if (next === null) return texts.say('until.schedule', { time })
  return texts.say('until.then', { time, value: texts.number(next) })
}
