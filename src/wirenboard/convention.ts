/** Wiren Board's MQTT conventions (github.com/wirenboard/conventions), made from the same rows as everything else. */
import { plainSerial } from '../conventions/serial.ts'
import type { Convention } from '../conventions/types.ts'
import { isObject, parseJson } from '../core/json.ts'
import { describeBridge, describeDevice } from './controls.ts'

export interface WirenBoardOptions {
  /** First word of its device names, and its name as a driver. */
  readonly prefix: string
}

/** Devices are at the root of the topic tree ("Root Path"). */
const TOP = '/devices/'

const READ_FAILED = 'r'
const WRITE_FAILED = 'w'

export function wirenBoard({ prefix }: WirenBoardOptions): Convention {
  const topicOf = (id: string) => `${TOP}${id}`
  /** Words of lower case letters and digits, separated by underscores ("Naming Conventions"). */
  const idOf = (serial: string) => `${prefix}_${plainSerial(serial, '_')}`
  return {
    name: 'wirenboard',
    actor: { via: 'wirenboard' },
    bridgeId: prefix,
    orders: `${TOP}+/controls/+/on`,
    everything: [
      `${TOP}+/meta`,
      `${TOP}+/meta/+`,
      `${TOP}+/controls/+`,
      `${TOP}+/controls/+/meta`,
      `${TOP}+/controls/+/meta/+`,
    ],
    will: { topic: `${topicOf(prefix)}/meta/error`, payload: READ_FAILED },
    idOf,
    deviceIn: (topic) => {
      const id = topic.startsWith(TOP) ? topic.slice(TOP.length).split('/', 1)[0] : undefined
      return id === prefix || id?.startsWith(`${prefix}_`) ? id : undefined
    },
    marks: (topic, payload) => {
      if (!/^\/devices\/[^/]+\/meta$/.test(topic)) return false
      const meta = parseJson(payload)
      return isObject(meta) && meta.driver === prefix
    },
    describe: (view) => describeDevice(view, topicOf(idOf(view.serial)), prefix),
    describeBridge: (_shown, bridge) => describeBridge(bridge, topicOf(prefix), prefix),
    // “After a successful read, the r error flag is first removed, then the new good value is published” ("Errors").
    valuesAfterTroubles: true,
    troubles: (id, { properties }, { condition, refused }) => {
      const device = {
        topic: `${topicOf(id)}/meta/error`,
        payload: condition === 'online' ? '' : READ_FAILED,
      }
      // When stopping, one message per device must be enough.
      if (condition === 'stopped') return [device]
      const read = condition === 'offline' ? READ_FAILED : ''
      const controls = properties.map(({ key, topic }) => ({
        topic: `${topic}/meta/error`,
        payload: `${read}${refused.has(key) ? WRITE_FAILED : ''}`,
      }))
      return [device, ...controls]
    },
  }
}
