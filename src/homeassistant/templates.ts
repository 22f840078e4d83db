/**
 * The templates by which Home Assistant takes values out of our JSON. null becomes the text `None`, which clears what is
 * shown; a key that is missing renders to nothing, which leaves it as it was.
 */

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
 * Of a text entity, which takes the text `None` for a value like any other and fails when it does not fit its pattern:
 * null is shown as nothing.
 */
export function textOf(key: string): string {
  return `{{ value_json.${safe(key)} or '' }}`
}

export function onOff(key: string): string {
  return `{{ {true: 'ON', false: 'OFF', none: 'None'}.get(value_json.${safe(key)}, '') }}`
}

/** A text literal of the template language; only plain characters stand in it as they are. */
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

/**
 * JSON attributes: under `text` the value of a key in words, by a table of them; as it is when the table lacks it. A key that is
 * missing, as before it is known what model a device is, has to become null: there is no JSON for it.
 */
export function labelAttribute(key: string, labels: Readonly<Record<string, string>>): string {
  const field = `value_json.${safe(key)} | default(none)`
  return `{{ {'text': ${table(labels)}.get(${field}, ${field})} | tojson }}`
}

const present = "value_json.items() | selectattr(1, 'eq', true) | map(attribute=0)"

/** The names of the faults that are there, with commas between; `none` when there is not any. */
function inWords(names: Readonly<Record<string, string>>, none: string): string {
  const said = `${table(names)}.items() | selectattr(0, 'in', ${present} | list) | map(attribute=1) | join(', ')`
  return `(${said} or ${literal(none)})`
}

/** JSON attributes: under `faults` the keys of those that are there, under `text` the same in words. */
export function faultAttributes(names: Readonly<Record<string, string>>, none: string): string {
  const keys = `${present} | select('in', ${listOf(Object.keys(names))}) | list`
  return `{{ {'faults': ${keys}, 'text': ${inWords(names, none)}} | tojson }}`
}

/** The same as a state, which can't be longer than 255 characters; unknown while it is not known whether anything is wrong. */
export function faultText(names: Readonly<Record<string, string>>, none: string): string {
  return `{{ 'None' if value_json.problem is none else ${inWords(names, none)} | truncate(250, true, '…', 0) }}`
}

/** What an event is told as: type for Home Assistant and what has happened in words, by the value that tells them apart. */
export interface EventTypes {
  readonly types: Readonly<Record<string, string>>
  readonly words: Readonly<Record<string, string>>
}

/** What Home Assistant gets of an event when `condition` holds, and nothing otherwise, which it leaves aside. */
const eventWhen = (condition: string, fields: string): string =>
  `{{ {${fields}, 'message': value_json.message} | tojson if ${condition} else '' }}`

const eventBy = (path: string, { types, words }: EventTypes, more = '') =>
  `'event_type': ${table(types)}.get(${path}), 'text': ${table(words)}.get(${path})${more}`

const oneOf = (path: string, { types }: EventTypes): string => `${path} in ${listOf(Object.keys(types))}`

const TYPE = 'value_json.type'

/** Events by their type. */
export const event = (told: EventTypes): string => eventWhen(oneOf(TYPE, told), eventBy(TYPE, told))

/** The same for faults of one kind, with the key of the fault and its name. */
export function faultEvent(told: EventTypes, kind: string, names: Readonly<Record<string, string>>): string {
  const fault = 'value_json.details.fault'
  const name = `${table(names)}.get(${fault}, ${fault})`
  const condition = `${oneOf(TYPE, told)} and value_json.details.kind == ${literal(kind)}`
  return eventWhen(condition, `${eventBy(TYPE, told, ` ~ ': ' ~ ${name}`)}, 'fault': ${fault}, 'name': ${name}`)
}

/** A lock that was changed, by what it is now. */
export function lockEvent(told: EventTypes): string {
  const lock = 'value_json.details.lock'
  return eventWhen(`${TYPE} == 'lock_changed' and ${oneOf(lock, told)}`, eventBy(lock, told))
}

/** The key of the fault that has begun; nothing for any other event. */
export const faultBegun = "{{ value_json.details.fault if value_json.type == 'fault_began' else '' }}"

/** The state of one account in `bridge/info`; `None` when the account is not in the list. */
export function accountState(id: string): string {
  return `{{ value_json.accounts | selectattr('id', 'eq', ${literal(id)}) | map(attribute='state') | first | default('None') }}`
}

/** What `bridge/info` says of one account: nothing when the account is not in the list. */
const accountOf = (id: string): string =>
  `(value_json.accounts | selectattr('id', 'eq', ${literal(id)}) | first | default({}))`

/** ON while the account is in one of `states`. */
export function accountIn(id: string, states: readonly string[]): string {
  const list = states.map((state) => `'${safe(state)}'`).join(', ')
  return `{{ 'ON' if ${accountOf(id)}.state in [${list}] else 'OFF' }}`
}

/** JSON attributes: the state of the account and what its error says, null when there is none. */
export function accountMessage(id: string): string {
  const account = accountOf(id)
  return `{{ {'state': ${account}.state | default(none), 'message': (${account}.error | default(none) or {}).message | default(none)} | tojson }}`
}

/** The request that a code typed for the account becomes. */
export function accountCode(id: string): string {
  return `{{ {'id': ${literal(id)}, 'code': value} | tojson }}`
}
