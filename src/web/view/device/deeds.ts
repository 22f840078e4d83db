/** What somebody did with a device, in a sentence of the page's language. */
import type { Datapoint, LoggedEventJson, Value } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import { actionText, valueText } from './values.ts'

/** The bridge's own types; what is kept may be from another version of it, so every field may be missing. */
interface Change {
  readonly from?: Value
  readonly to?: Value
  readonly asked?: Value
}

interface Details {
  readonly by?: { readonly via?: string; readonly name?: string; readonly house?: string; readonly why?: string }
  readonly what?: string
  readonly about?: readonly string[]
  readonly values?: Readonly<Record<string, Change>>
  readonly days?: readonly string[]
  readonly code?: string
  readonly reason?: string
  /** How many commands, and Unix ms of the first. */
  readonly times?: number
  readonly since?: number
}

export interface Deed {
  readonly sentence: string
  /** The exact reason of a failure, in English. */
  readonly reason: string | null
  /** How many commands it were, if more than one. */
  readonly more: string | null
  /** The part of the page where the reason can be set right. */
  readonly remedy: 'accounts' | null
}

/** These are called the same in every language. */
const WAYS: Readonly<Record<string, string>> = {
  home_assistant: 'Home Assistant',
  mqtt: 'MQTT',
  homie: 'Homie',
  wirenboard: 'Wiren Board',
}

/** What an account can bring in order. */
const FOR_ACCOUNTS: readonly unknown[] = ['KEY_MISSING', 'KEY_REJECTED', 'CLOUD_AUTH', 'CLOUD_CODE_NEEDED']

/** @param points of the device's model. Returns null for an event that is no deed */
export function deedOf({ type, details }: LoggedEventJson, points: readonly Datapoint[], texts: Texts): Deed | null {
  const told = (details ?? {}) as Details
  if (!['command', 'command_failed', 'changed_at_device'].includes(type) || !told.by) return null
  const { code, reason, since, times = 1 } = told
  const more = times > 1 && since !== undefined ? texts.say('did.times', { n: times, time: texts.moment(since) }) : null
  const remedy = FOR_ACCOUNTS.includes(code) ? 'accounts' : null
  return { sentence: sentenceOf(type, told, points, texts), reason: reason ?? null, more, remedy }
}

/** Who it was, in the words of the page. */
export function whoOf({ via = '', name, house, why }: NonNullable<Details['by']>, texts: Texts): string {
  const own = WAYS[via] ?? (via === 'user' ? name : undefined)
  const who = own ?? texts.find(`who.${via || 'user'}`, { name: name ?? '' }) ?? via
  const reason = why === undefined ? null : texts.find(`who.${why}`)
  const mode = house === undefined ? null : texts.say('who.house_mode', { mode: texts.lookUp('mode', house) })
  const more = [reason, mode].filter((part) => part !== null)
  return more.length === 0 ? who : `${who} (${more.join('; ')})`
}

function sentenceOf(type: string, told: Details, points: readonly Datapoint[], texts: Texts): string {
  const { about = [], by = {}, code, days = [], values = {}, what } = told
  const who = whoOf(by, texts)
  if (type === 'command_failed') {
    const reason = texts.lookUp('error', code ?? 'INTERNAL')
    return texts.say('did.failed', { who, what: wishOf(told, points, texts), reason })
  }
  if (what === 'schedule')
    return texts.say('did.schedule', { who, what: days.map((day) => dayOf(day, texts)).join(', ') })
  if (what === 'action')
    return texts.say('did.action', { who, what: about.map((name) => actionText(name, texts)).join(', ') })
  const { preset } = values
  if (preset?.to === 'boost' && Object.keys(values).every((key) => OF_BOOST.includes(key))) {
    const minutes = values.boost_minutes?.to
    const time = typeof minutes === 'number' ? texts.duration(minutes) : null
    return time === null ? texts.say('did.boost', { who }) : texts.say('did.boostFor', { who, time })
  }
  const changed = Object.entries(values).filter(([, { to }]) => to !== undefined)
  if (changed.length === 0) return texts.say('did.replaced', { who, what: wishOf(told, points, texts) })
  return texts.say('did.set', {
    who,
    what: changed.map(([key, change]) => changeOf(key, change, points, texts)).join('; '),
  })
}

const OF_BOOST = ['preset', 'boost_minutes', 'timer_setpoint']

/** What was asked for, whether or not anything came of it. */
function wishOf({ about = [], values = {}, what }: Details, points: readonly Datapoint[], texts: Texts): string {
  if (what === 'schedule') return texts.say('schedule.title')
  if (what === 'action') return about.map((name) => actionText(name, texts)).join(', ')
  const wishes = about.map((key) => {
    const asked = values[key]?.asked
    const name = nameOf(key, points, texts)
    return asked === undefined ? name : `${name} ${wordsOf(key, asked, points, texts)}`
  })
  return wishes.length === 0 ? '–' : wishes.join(', ')
}

function changeOf(key: string, { from, to, asked }: Change, points: readonly Datapoint[], texts: Texts): string {
  const value = (of: Value | undefined) => wordsOf(key, of, points, texts)
  const name = nameOf(key, points, texts)
  const known = from !== undefined && from !== null && from !== to
  const change = known
    ? texts.say('did.change', { name, from: value(from), to: value(to) })
    : texts.say('did.value', { name, to: value(to) })
  return asked === undefined ? change : texts.say('did.rounded', { change, asked: value(asked) })
}

function nameOf(key: string, points: readonly Datapoint[], texts: Texts): string {
  if (key === 'target_temperature') return texts.say('did.temperature')
  const point = points.find((row) => row.key === key)
  return point ? texts.datapoint(point).name : key
}

function wordsOf(key: string, value: Value | undefined, points: readonly Datapoint[], texts: Texts): string {
  const point = points.find((row) => row.key === key)
  if (!point) return String(value ?? '–')
  return value === 'none' && key === 'preset' ? texts.lookUp('preset', 'none') : valueText(point, value, texts)
}

/** `floor.monday`, or `floor` alone. */
function dayOf(text: string, texts: Texts): string {
  const [kind = '', day] = text.split('.')
  return day === undefined ? texts.lookUp('schedule', kind) : texts.lookUp('day', day)
}
