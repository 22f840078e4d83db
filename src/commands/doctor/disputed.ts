import { kindOf } from '../../catalog/index.ts'
import type { DeviceSettings } from '../../config/settings/accounts.ts'
import { LEARNED } from '../../devices/facts/disputes.ts'
import type { ParameterList, Telemetry } from '../../protocol/replies.ts'
import { type Finding, fail, ok, warn } from './check.ts'

const RELAY = 119

/** Which value of 119 switches a D2W on, since its documents contradict each other; nothing for any other device. */
export function relayFindings(
  parameters: ParameterList,
  { fields }: Telemetry,
  learned: Readonly<Record<string, number>>,
  configured: Pick<DeviceSettings, 'relay_on_value'> | undefined,
): Finding[] {
  if (kindOf(parameters) !== 'voltage_relay') return []
  const decided = configured?.relay_on_value ?? null
  const raw = parameters.get(RELAY)?.value
  const shown = fields.get('f.10') === '1' && raw !== undefined ? Number(raw) : learned[LEARNED.relayOn]
  if (decided === null && shown === undefined) {
    return [
      warn(
        'it has not shown yet which value of parameter 119 switches it on, and its documents contradict each other; until then, relay follows the table in its document',
        'nothing: the bridge learns it when the relay next closes. devices[].relay_on_value decides it at once.',
      ),
    ]
  }
  if (decided !== null && shown !== undefined && Number(decided) !== shown) {
    return [
      fail(
        `the settings say that 119 = ${decided} switches it on, but its relay is closed with the other value`,
        'remove devices[].relay_on_value or reverse it; until then, commands to the relay are refused.',
      ),
    ]
  }
  const why = decided === null ? 'as it has shown by a closed relay' : 'as the settings say'
  return [ok(`119 = ${decided ?? shown === 1} switches it on, ${why}`)]
}
