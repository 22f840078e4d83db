import type { Device } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { findingsOf, type ShownFinding } from '../../state/card.ts'
import { usePage } from '../hooks/context.ts'
import { Icon } from '../parts/icons.tsx'

/** In the language of the page; a kind that it does not know yet, in English. */
export const findingText = ({ kind, evidence, message }: ShownFinding, texts: Texts): string =>
  texts.find(`finding.${kind}`, evidence) ?? message

/** What is unusual about a device, a line for each. */
export function Findings({ device }: { device: Device }) {
  const { texts } = usePage()
  const findings = findingsOf(device.state)
  if (findings.length === 0) return null
  return (
    <ul class="problems findings">
      {findings.map((finding) => (
        <li key={finding.kind}>
          <Icon name="alert" />
          <span lang={texts.find(`finding.${finding.kind}`) === null ? 'en' : undefined}>
            {findingText(finding, texts)}
          </span>{' '}
          <span class="small">{texts.say('finding.since', { time: texts.time(finding.since) })}</span>
        </li>
      ))}
    </ul>
  )
}
