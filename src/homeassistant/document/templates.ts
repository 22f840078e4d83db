/**
 * The templates with which Home Assistant reads values from our JSON. null becomes the text `None`, which clears the state; a
 * missing key renders to nothing, which leaves the state unchanged.
 */

import { HOME_ASSISTANT } from '../../core/actor.ts'

/** The most problems of a house that are said one by one. */
const MOST_SAID = 20

const KEY = /^[a-z][a-z0-9_]*$/

/** A key of the state, safe to put in a template. Throws for anything else: keys come from the catalog. */
function safe(key: string): string {
  if (!KEY.test(key)) throw new Error(`${key} cannot stand in a template`)
  return key
}

export function value(key: string): string {
  return `{{ value_json.${safe(key)} }}`
}

/**
 * For a text entity, which treats the text `None` as an ordinary value and fails if it does not match the pattern: null is
 * shown as empty.
 */
export function textOf(key: string): string {
  return `{{ value_json.${safe(key)} or '' }}`
}

export function onOff(key: string): string {
  return `{{ {true: 'ON', false: 'OFF', none: 'None'}.get(value_json.${safe(key)}, '') }}`
}

/** A text literal of the template language; only plain characters stay unescaped. */
function literal(text: string): string {
  const plain = /[\p{L}\p{Nd}_.@ -]/u
  return `'${Array.from({ length: text.length }, (_, i) => {
    const char = text.charAt(i)
    return plain.test(char) ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  }).join('')}'`
}

/** A table of texts. */
function table(entries: Readonly<Record<string, string>>): string {
  return `{${Object.entries(entries)
    .map(([key, text]) => `${literal(key)}: ${literal(text)}`)
    .join(', ')}}`
}

const listOf = (texts: readonly string[]): string => `[${texts.map(literal).join(', ')}]`

/** The label of a key's value from a table; the value itself if the table lacks it. */
export function asWord(key: string, words: Readonly<Record<string, string>>): string {
  const field = `value_json.${safe(key)}`
  return `{{ ${table(words)}.get(${field}, ${field}) }}`
}

/** Sets `e` to the last command that was not carried out. */
const WITH_ERROR = '{% set e = value_json.last_error | default({}, true) %}'

const errorOf = (about: string): string => `e if '${safe(about)}' in e.about | default([]) else none`

/**
 * JSON attributes: `last_error` says why the last command was not carried out, whatever it concerned; null if it was.
 * `last_rounded` has its rounded values; null if none.
 */
export const anyCommandAttributes = `${WITH_ERROR}{{ {'last_error': e or none, 'last_rounded': value_json.last_rounded | default(none)} | tojson }}`

/**
 * JSON attributes: the same, but only for a command about `about`, a key or an action. `value`: a key whose value is added
 * under that name, if the entity shows a label.
 */
export function errorAttribute(about: string, value?: string): string {
  const held = value === undefined ? '' : `'value': value_json.${safe(value)} | default(none), `
  return `${WITH_ERROR}{{ {${held}'last_error': ${errorOf(about)}} | tojson }}`
}

/**
 * JSON attributes of a number: the same, and `last_rounded` with the value that the last command was rounded to, if it
 * concerned this number.
 */
export function numberAttributes(key: string): string {
  const rounded = `value_json.last_rounded if '${safe(key)}' in (value_json.last_rounded | default({}, true)).rounded | default([]) else none`
  return `${WITH_ERROR}{{ {'last_error': ${errorOf(key)}, 'last_rounded': ${rounded}} | tojson }}`
}

/** JSON attributes: `value` is the value behind the label. */
export const valueAttribute = (key: string): string =>
  `{{ {'value': value_json.${safe(key)} | default(none)} | tojson }}`

/**
 * A value that is one of `allowed`, otherwise null: Home Assistant would warn about a value that the present document does not
 * allow yet.
 */
export function oneOf(key: string, allowed: readonly string[]): string {
  return `{{ ${table(Object.fromEntries(allowed.map((text) => [text, text])))}.get(value_json.${safe(key)}, none) }}`
}

/** The value behind a label; anything else is passed on unchanged for the bridge to check. */
const behind = (words: Readonly<Record<string, string>>): string =>
  `${table(Object.fromEntries(Object.entries(words).map(([value, word]) => [word, value])))}.get(value, value)`

/** For a command: the value behind a label. */
export const fromWords = (words: Readonly<Record<string, string>>): string => command(behind(words))

const command = (value: string): string => `{{ {'value': ${value}, 'via': '${HOME_ASSISTANT}'} | tojson }}`

/** A value as it was chosen, and that Home Assistant sends it: the log of a device names who asked. */
export const asChosen = command('value')

/** The same for one value, where Home Assistant takes no template. */
export const chosen = (value: boolean): string => JSON.stringify({ value, via: HOME_ASSISTANT })

/** A request to the house, made from the label of a mode. */
export const houseRequest = (words: Readonly<Record<string, string>>): string =>
  `{{ {'mode': ${behind(words)}, 'via': '${HOME_ASSISTANT}'} | tojson }}`

/** JSON attributes: the mode behind the label, until when, and how many devices have which outcome. */
export const houseAttributes = `{{ {'value': value_json.mode, 'until': value_json.until, 'devices': value_json.counts} | tojson }}`

/** Of how many devices the power is not known. */
export const housePowerAttributes = `{{ {'unknown': value_json.power_unknown} | tojson }}`

export const houseProblem = `{{ 'ON' if value_json.problems else 'OFF' }}`

const ofProblems = (key: string): string => `value_json.problems[:${MOST_SAID}] | map(attribute='${key}') | list`

/** Which devices, and what is wrong with each. Home Assistant keeps attributes of up to 16 kB, so of a large house only the first. */
export const houseProblemAttributes = `{{ {'count': value_json.problems | length, 'devices': ${ofProblems('name')}, 'messages': ${ofProblems('message')}} | tojson }}`

const present = "value_json.items() | selectattr(1, 'eq', true) | map(attribute=0)"

/** The names of present faults, separated by commas; `none` if there are none. */
function inWords(names: Readonly<Record<string, string>>, none: string): string {
  const said = `${table(names)}.items() | selectattr(0, 'in', ${present} | list) | map(attribute=1) | join(', ')`
  return `(${said} or ${literal(none)})`
}

/** JSON attributes: `faults` has the keys of present faults, `text` their names. */
export function faultAttributes(names: Readonly<Record<string, string>>, none: string): string {
  const keys = `${present} | select('in', ${listOf(Object.keys(names))}) | list`
  return `{{ {'faults': ${keys}, 'text': ${inWords(names, none)}} | tojson }}`
}

/** JSON attributes: `findings`, as in the state, and `text`, their sentences. */
export const findingAttributes =
  "{% set f = value_json.findings | default([], true) %}{{ {'findings': f, 'text': f | map(attribute='message') | join(' ')} | tojson }}"

/** The same as a state, which can't exceed 255 characters; unknown while the faults are not known. */
export function faultText(names: Readonly<Record<string, string>>, none: string): string {
  return `{{ 'None' if value_json.problem is none else ${inWords(names, none)} | truncate(250, true, '…', 0) }}`
}

/**
 * What an event entity reports, by what happened: the type of the bridge's event, and after a dot the kind of fault or the new
 * lock, if any (`fault_began.sensor`, `lock_changed.none`, `key_changed.`).
 */
export interface EventTypes {
  /** The type for Home Assistant, which must be one of the entity's types. */
  readonly types: Readonly<Record<string, string>>
  /** The type that is the same in every language. */
  readonly raw: Readonly<Record<string, string>>
  /** As a sentence; for faults and failed commands without its end, since the name of the fault or the reason follows. */
  readonly sentences: Readonly<Record<string, string>>
  /** The names of faults, by key. */
  readonly faults: Readonly<Record<string, string>>
}

const DETAILS = '(value_json.details | default({}, true))'
const HAPPENED = `(value_json.type ~ '.' ~ ${DETAILS}.kind | default(${DETAILS}.lock | default('')))`
const FAULT = `${DETAILS}.fault | default(none)`

/** The data of an event that the entity reports; nothing for any other, which Home Assistant then ignores. */
export function event({ types, raw, sentences, faults }: EventTypes): string {
  const name = `${table(faults)}.get(${FAULT}, ${FAULT})`
  const fields = {
    event_type: `${table(types)}.get(${HAPPENED})`,
    type: `${table(raw)}.get(${HAPPENED})`,
    text: `${table(sentences)}.get(${HAPPENED}) ~ (': ' ~ ${name} ~ '.' if ${FAULT} else ': ' ~ ${DETAILS}.reason if ${DETAILS}.reason is defined else '')`,
    message: 'value_json.message',
    fault: FAULT,
    name,
  }
  const all = Object.entries(fields).map(([field, value]) => `'${field}': ${value}`)
  return `{{ {${all.join(', ')}} | tojson if ${HAPPENED} in ${listOf(Object.keys(types))} else '' }}`
}

const PROBLEMS = '(value_json.problems | default([]))'

/** ON while `bridge/info` has a problem. */
export const bridgeProblem = `{{ 'ON' if ${PROBLEMS} else 'OFF' }}`

/** JSON attributes: the problem, for programs and as text. */
export const bridgeProblemAttributes = `{{ {'problems': ${PROBLEMS} | map(attribute='code') | list, 'message': ${PROBLEMS} | map(attribute='message') | join(' ')} | tojson }}`

/**
 * The bridge's version and the newest one, as the JSON that an update entity takes: what is not known is left out.
 * `value_json.update` would be the method of Python's dictionaries.
 */
export const bridgeUpdate = `{{ ({'installed_version': value_json.version, 'latest_version': value_json.get('update').latest_version, 'release_url': value_json.get('update').release_url, 'release_summary': value_json.get('update').release_summary} if value_json.get('update') else {'installed_version': value_json.version}) | tojson }}`

/** One account from `bridge/info`; empty if it is not in the list. */
const accountOf = (id: string): string =>
  `(value_json.accounts | selectattr('id', 'eq', ${literal(id)}) | first | default({}))`

/** The label of an account's state, from a table; `None` if the account is not in the list. */
export function accountState(id: string, words: Readonly<Record<string, string>>): string {
  return `{{ ${table(words)}.get(${accountOf(id)}.state | default(none)) }}`
}

/** JSON attributes: `value` is the value behind the label. */
export const accountValue = (id: string): string => `{{ {'value': ${accountOf(id)}.state | default(none)} | tojson }}`

/** ON while the account is in one of `states`. */
export function accountIn(id: string, states: readonly string[]): string {
  const list = states.map((state) => `'${safe(state)}'`).join(', ')
  return `{{ 'ON' if ${accountOf(id)}.state in [${list}] else 'OFF' }}`
}

/** JSON attributes: the state of the account and its error message, null if there is none. */
export function accountMessage(id: string): string {
  const account = accountOf(id)
  return `{{ {'state': ${account}.state | default(none), 'message': (${account}.error | default(none) or {}).message | default(none)} | tojson }}`
}

/** The request made from a code typed for the account. */
export function accountCode(id: string): string {
  return `{{ {'id': ${literal(id)}, 'code': value} | tojson }}`
}
