import type { Device } from '../../api/types.ts'
import { findingsOf } from '../../state/card.ts'
import { usePage } from '../hooks/context.ts'
import { Icon } from '../parts/icons.tsx'

/** What is unusual about a device, a line for each. */
export function Findings({ device }: { device: Device }) {
  const { texts } = usePage()
  const findings = findingsOf(device.state)
  if (findings.length === 0) return null
  return (
    <ul class="problems findings">
      {findings.map(({ kind, since, message, evidence }) => (
        <li key={kind}>
          <Icon name="alert" />
          {texts.find(`finding.${kind}`, evidence) ?? <span lang="en">{message}</span>}{' '}
          <span class="small">{texts.say('finding.since', { time: texts.time(since) })}</span>
        </li>
      ))}
    </ul>
  )
}
