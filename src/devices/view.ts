import { setpointStep } from './limits.ts'
import type { DeviceAddress } from './link.ts'
import { type Called, calledByItself } from './names.ts'
import type { Poller } from './poller.ts'
import type { DeviceView } from './ports.ts'
import type { Profile } from './profile.ts'
import type { Reader } from './reader.ts'
import type { Schedules } from './schedules.ts'
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
