/** Homie 5 (homieiot.github.io), made from the same rows as everything else. */
import type { Locale } from '../catalog/locales/index.ts'
import { plainSerial } from '../conventions/serial.ts'
import type { Condition, Convention } from '../conventions/types.ts'
import type { Clock } from '../core/clock.ts'
import { isObject, parseJson } from '../core/json.ts'
import { describeDevice, describeRoot } from './description.ts'
import { bridgeId } from './ids.ts'

export interface HomieOptions {
  /** First part of the topics, `homie` by default. */
  readonly domain: string
  /** Base topic of the bridge, from which the id of its own device is made. */
  readonly base: string
  readonly locale: Locale
  readonly clock: Clock
}

/** A device that does not answer is `lost`; only the root device can have that as a last will. */
const WORDS: Readonly<Record<Condition, string>> = {
  changing: 'init',
  online: 'ready',
  offline: 'lost',
  stopped: 'disconnected',
}

/**
 * `$target` is not used: a value is published once the device has confirmed it, usually within a second, and a refused target
 * would stay forever, since only reached values replace it.
 */
export function homie({ domain, base, locale, clock }: HomieOptions): Convention {
  const root = bridgeId(base)
  const top = `${domain}/5/`
  const topicOf = (id: string) => `${top}${id}`
  const idOf = (serial: string) => `${root}-${plainSerial(serial, '-')}`
  let latest = 0
  /** Increases with every description, also after a restart, and even if the clock goes back while the bridge runs. */
  const version = () => {
    latest = Math.max(latest + 1, clock.now())
    return latest
  }
  return {
    name: 'homie',
    actor: { via: 'homie' },
    bridgeId: root,
    orders: `${top}+/+/+/set`,
    everything: [`${top}+/+`, `${top}+/+/+`],
    will: { topic: `${topicOf(root)}/$state`, payload: WORDS.offline },
    condition: { topic: (id) => `${topicOf(id)}/$state`, word: (condition) => WORDS[condition] },
    idOf,
    deviceIn: (topic) => {
      const id = topic.startsWith(top) ? topic.slice(top.length).split('/', 1)[0] : undefined
      return id === root || id?.startsWith(`${root}-`) ? id : undefined
    },
    marks: (topic, payload) => {
      if (!topic.endsWith('/$description')) return false
      if (topic === `${topicOf(root)}/$description`) return true
      const description = parseJson(payload)
      return isObject(description) && description.root === root
    },
    describe: (view) => describeDevice(view, root, { topic: topicOf(idOf(view.serial)), version: version(), locale }),
    describeBridge: (shown, bridge) =>
      describeRoot(
        shown.map(({ serial }) => idOf(serial)),
        bridge,
        { topic: topicOf(root), version: version(), locale },
      ),
    refusal: (id, { message }) => ({ topic: `${topicOf(id)}/$log/warn`, payload: message }),
  }
}
