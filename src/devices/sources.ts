import type { Thermostat } from './thermostat.ts'

/** A device as an account lists it. */
export interface Listed {
  readonly serial: string
  readonly name: string | null
}

export interface TakeList {
  readonly account: string
  readonly devices: readonly Listed[]
  /** The device of a serial, which has this source from now on. */
  readonly learnOf: (serial: string, source: string) => Thermostat
  readonly all: ReadonlyMap<string, Thermostat>
}

/** An account lists these devices now; those that it listed before and no longer does lose it as a source. */
export function takeList({ account, devices, learnOf, all }: TakeList): void {
  const source = `account:${account}`
  const listed = new Set(devices.map(({ serial }) => serial))
  for (const { serial, name } of devices) {
    const thermostat = learnOf(serial, source)
    if (name) thermostat.identify({ name })
  }
  for (const thermostat of all.values()) {
    const { sources } = thermostat.identity
    if (!listed.has(thermostat.serial) && sources.includes(source)) {
      thermostat.identify({ sources: sources.filter((other) => other !== source) })
    }
  }
}
