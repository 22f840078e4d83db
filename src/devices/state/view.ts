import type { Profile } from '../facts/profile.ts'
import type { DeviceAddress } from '../link/link.ts'
import { setpointStep } from '../plan/limits.ts'
import type { DeviceView } from '../ports.ts'
import type { Poller } from '../reading/poller.ts'
import type { Reader } from '../reading/reader.ts'
import { type Called, calledByItself } from '../registry/names.ts'
import type { Schedules } from '../schedule/schedules.ts'
import type { Showing } from './showing.ts'

export interface ViewParts {
  readonly profile: Profile
  readonly reader: Reader
  readonly poller: Poller
  readonly showing: Showing
  readonly schedules: Schedules
  readonly address: DeviceAddress | null
  readonly called: ((serial: string, own: string | null) => Called) | undefined
}

/** All that others see of a device. */
export function viewOf({ profile, reader, poller, showing, schedules, address, called }: ViewParts): DeviceView {
  const { serial, hw, name: own, sources } = profile.identity
  const { name, source } = called?.(serial, own) ?? calledByItself(own)
  return {
    serial,
    name: name ?? `${reader.model.name} ${serial.slice(0, 12)}`,
    nameSource: source,
    model: reader.model.id,
    hw,
    firmware: profile.firmware,
    address,
    online: poller.online,
    state: showing.state,
    features: profile.features,
    setpointStep: setpointStep(reader.readings),
    schedule: schedules.shown,
    health: showing.health(poller),
    sources,
  }
}
