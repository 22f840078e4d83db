/** Who asks something of a device, as far as the way on which it came tells. It is a label for people, and proves nothing. */

export type Via =
  | 'user'
  | 'token'
  | 'command_line'
  | 'home_assistant'
  | 'mqtt'
  | 'homie'
  | 'wirenboard'
  | 'bridge'
  | 'device'

/** Why the bridge itself sends something that nobody has just asked for. */
export type OwnReason = 'boost_ends' | 'boost_goes_on' | 'relay_again'

/** A type and not an interface, so that it is a JSON value as it stands. */
export type Actor = {
  /** `device`: somebody at the device itself, or its vendor's app. */
  readonly via: Via
  /** The user or the API token; left out where the way tells no name. */
  readonly name?: string
  /** The mode of the house that the command carries out; left out for a command of the actor's own. */
  readonly house?: string
  readonly why?: OwnReason
}

/** The bridge itself, such as at the end of a mode of the house. */
export const BRIDGE: Actor = { via: 'bridge' }

/** Somebody at the device, or its vendor's app: a change that is none of the bridge's commands. */
export const AT_DEVICE: Actor = { via: 'device' }

/** What entities in Home Assistant add to their commands, in the field `via`. */
export const HOME_ASSISTANT = 'home_assistant'

/** Who sends something over MQTT. Any client may say to be Home Assistant. */
export const overMqtt = (via: unknown): Actor => ({ via: via === HOME_ASSISTANT ? HOME_ASSISTANT : 'mqtt' })

const WAYS: Readonly<Record<Via, string>> = {
  user: 'A user',
  token: 'An API token',
  command_line: 'The command line',
  home_assistant: 'Home Assistant',
  mqtt: 'MQTT',
  homie: 'Homie',
  wirenboard: 'Wiren Board',
  bridge: 'The bridge',
  device: 'Somebody at the device or its vendor’s app',
}

const REASONS: Readonly<Record<OwnReason, string>> = {
  boost_ends: 'at the end of a boost',
  boost_goes_on: 'to keep up a boost',
  relay_again: 'because the device had done the opposite',
}

const MODES: Readonly<Record<string, string>> = {
  normal: 'back to normal',
  away: 'away',
  frost_protection: 'frost protection',
  off: 'off',
}

/** Where more than the name is said. */
const NAMED: Readonly<Partial<Record<Via, (name: string) => string>>> = {
  token: (name) => `API token “${name}”`,
  command_line: (name) => `The command line (${name})`,
}

/** The actor as the beginning of a sentence. */
export function called({ via, name, house, why }: Actor): string {
  const who = name === undefined ? WAYS[via] : (NAMED[via]?.(name) ?? name)
  const reason = why && REASONS[why]
  const mode = house && `mode of the house: ${MODES[house] ?? house}`
  const more = [reason, mode].filter((part) => part !== undefined)
  return more.length === 0 ? who : `${who} (${more.join(', ')})`
}
