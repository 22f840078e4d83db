import { asBridgeError } from '../../core/errors.ts'
import type { LanDevice } from '../../lan/lan-device.ts'
import type { ParameterList } from '../../protocol/replies.ts'
import { type Finding, warn } from './check.ts'

/** Some SX give an empty answer to this, but still report their telemetry. */
export async function readParameters(
  device: Pick<LanDevice, 'readParameters' | 'readTelemetry'>,
): Promise<{ parameters: ParameterList; lacking: Finding[] }> {
  try {
    return { parameters: await device.readParameters(), lacking: [] }
  } catch (error) {
    const { code, message } = asBridgeError(error)
    if (code !== 'DEVICE_BAD_REPLY' && code !== 'DEVICE_WEDGED') throw error
    await device.readTelemetry()
    const half = warn(`reports its measurements but not its settings: ${message}`, 'switch its power off and on.')
    return { parameters: new Map(), lacking: [half] }
  }
}
