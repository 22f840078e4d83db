/** Settings for what devices publish themselves, and the rules for their topics. */
import { TOPIC_PATTERN, TopicPattern } from '../../core/topic-pattern.ts'
import { Refusal } from '../errors.ts'
import { BOOLEAN, choice, duration, kind, matching } from './kinds.ts'
import { type Kind, optional, setting, type Values } from './setting.ts'

const SECOND = 1_000
const HOUR = 3600 * SECOND

const MOST_PATTERNS = 16

const WHAT_PATTERN = 'letters, digits, _ - . separated by /, and {serial} once, up to 128 characters'

const PATTERN = matching(TOPIC_PATTERN, 'is not a topic with {serial} in it', WHAT_PATTERN)

/** Topics with a placeholder for the serial. */
const PATTERNS: Kind<readonly string[]> = kind({
  allowed: `${WHAT_PATTERN}; as a list or separated by commas`,
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: PATTERN.json, maxItems: MOST_PATTERNS }] },
  read: (raw) => {
    const list = typeof raw === 'string' ? (raw.trim() === '' ? [] : raw.split(',')) : raw
    if (!Array.isArray(list)) throw new Refusal('is not a list of topics')
    if (list.length > MOST_PATTERNS) throw new Refusal(`contains more than ${MOST_PATTERNS} topics`, { quiet: true })
    return list.map((item: unknown) => PATTERN.read(item))
  },
})

export const NATIVE_MQTT = {
  enabled: setting(BOOLEAN, false, {
    doc: 'Uses what devices publish over MQTT themselves as a second source. Set that up on the devices’ own pages.',
    env: 'T2M_NATIVE_MQTT_ENABLED',
    page: true,
  }),
  topics: setting(PATTERNS, ['terneo/{serial}', 'welrok/{serial}'], {
    doc: 'Topics on which devices publish: “Publish prefix” and “Client ID” of their own pages, with / between. {serial} stands for a serial number as the client id. For other client ids, set native_topic under devices.',
    env: 'T2M_NATIVE_MQTT_TOPICS',
    page: true,
  }),
  command_topic: optional(PATTERN, {
    doc: 'Topic on which devices take commands: “Subscribe path” and “Client ID” of their own pages.',
    env: 'T2M_NATIVE_MQTT_COMMAND_TOPIC',
    unset: 'the topic on which each publishes',
    example: 'terneo-commands/{serial}',
    page: true,
  }),
  commands: setting(choice(['lan', 'mqtt']), 'lan', {
    doc: 'How the bridge sends commands to a device that publishes: signed over the LAN, or over MQTT if the device takes them there. Commands to other devices go over the LAN, and so do commands that had no effect over MQTT.',
    env: 'T2M_NATIVE_MQTT_COMMANDS',
    page: true,
  }),
  poll_interval: setting(duration(2 * SECOND, HOUR), 60 * SECOND, {
    doc: 'How often the bridge still reads a device that publishes over the LAN. device.poll_interval is the lower limit.',
    env: 'T2M_NATIVE_MQTT_POLL_INTERVAL',
    page: true,
  }),
}

interface Native {
  readonly native_mqtt: Values<typeof NATIVE_MQTT>
  readonly devices: readonly {
    readonly native_topic: string | null
    readonly native_command_topic: string | null
  }[]
}

/** What is wrong with the topics of the devices' own messages, and in which setting; undefined if nothing is. */
export function nativeProblem(
  settings: Native,
  /** Topics under which the bridge publishes, by setting. */
  ours: readonly (readonly [key: string, topic: string])[],
): { readonly key: string; readonly problem: string; readonly allowed: string } | undefined {
  const { native_mqtt: native, devices } = settings
  if (!native.enabled) return undefined
  const of = (key: string, topic: string | null) => (topic === null ? [] : [{ key, topic }])
  const all = [
    ...native.topics.flatMap((topic) => of('native_mqtt.topics', topic)),
    ...of('native_mqtt.command_topic', native.command_topic),
    ...devices.flatMap((device, index) => [
      ...of(`devices[${index}].native_topic`, device.native_topic),
      ...of(`devices[${index}].native_command_topic`, device.native_command_topic),
    ]),
  ]
  for (const { key, topic } of all) {
    const [setting, own] = ours.find(([, own]) => new TopicPattern(topic).overlaps(own)) ?? []
    if (setting === undefined) continue
    const problem = `"${topic}" takes in ${setting} (${own}), so the bridge would receive its own messages`
    return { key, problem, allowed: 'topics separate from those of the bridge' }
  }
  for (const field of ['native_topic', 'native_command_topic'] as const) {
    const topics = devices.map((device) => device[field])
    const index = topics.findIndex((topic, at) => topic !== null && topics.indexOf(topic) < at)
    if (index < 0) continue
    const key = `devices[${index}].${field}`
    const problem = `"${topics[index]}" is that of devices[${topics.indexOf(topics[index] ?? null)}] too`
    return { key, problem, allowed: 'a different client id for each device' }
  }
  return undefined
}
