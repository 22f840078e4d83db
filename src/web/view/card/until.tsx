import type { Device } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { type Until, untilOf } from '../../state/card.ts'
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
      {untilText(until, texts)}
    </p>
  )
}

export function untilText({ kind, at, next }: Until, texts: Texts): string {
  if (at === null) return texts.say(`until.${kind === 'boost' || kind === 'away' ? kind : 'manual'}.open`)
  const time = texts.moment(at, new Date())
  if (kind === 'boost' || kind === 'away') return texts.say(`until.${kind}`, { time })
  if (next === null) return texts.say('until.schedule', { time })
  return texts.say('until.then', { time, value: texts.number(next) })
}
