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

/** The value of a key in words, by a table of them; as it is when the table lacks it. */
export function asWord(key: string, words: Readonly<Record<string, string>>): string {
  const field = `value_json.${safe(key)}`
  return `{{ ${table(words)}.get(${field}, ${field}) }}`
}

/** The last command that was not carried out, by name `e` in what follows. */
const WITH_ERROR = '{% set e = value_json.last_error | default({}, true) %}'

const errorOf = (about: string): string => `e if '${safe(about)}' in e.about | default([]) else none`

/**
 * JSON attributes: under `last_error` why the last command was not carried out, whatever it was about; null when it was. Under
 * `last_rounded` what had to be rounded of it; null when nothing had.
 */
export const anyCommandAttributes = `${WITH_ERROR}{{ {'last_error': e or none, 'last_rounded': value_json.last_rounded | default(none)} | tojson }}`

/**
 * JSON attributes: the same, but only of a command about `about`, a key or an action. `value`: a key; under that name what it
 * holds, where the entity shows it in words.
 */
export function errorAttribute(about: string, value?: string): string {
  const held = value === undefined ? '' : `'value': value_json.${safe(value)} | default(none), `
  return `${WITH_ERROR}{{ {${held}'last_error': ${errorOf(about)}} | tojson }}`
}

/** JSON attributes of a number: the same, and under `last_rounded` what the last command had to be rounded to, if it was about it. */
export function numberAttributes(key: string): string {
  const rounded = `value_json.last_rounded if '${safe(key)}' in (value_json.last_rounded | default({}, true)).rounded | default([]) else none`
  return `${WITH_ERROR}{{ {'last_error': ${errorOf(key)}, 'last_rounded': ${rounded}} | tojson }}`
}

/** JSON attributes: under `value` what the words stand for. */
export const valueAttribute = (key: string): string =>
  `{{ {'value': value_json.${safe(key)} | default(none)} | tojson }}`

/**
 * A value that is one of `allowed`, and null for any other: one that the document does not allow yet is not known until the
 * document that does has come, while Home Assistant would warn of it.
 */
export function oneOf(key: string, allowed: readonly string[]): string {
  return `{{ ${table(Object.fromEntries(allowed.map((text) => [text, text])))}.get(value_json.${safe(key)}, none) }}`
}

/** Of a command: the value that a word stands for; what is no such word goes as it is, for the bridge to judge. */
export function fromWords(words: Readonly<Record<string, string>>): string {
  const values = Object.fromEntries(Object.entries(words).map(([value, word]) => [word, value]))
  return `{{ ${table(values)}.get(value, value) }}`
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

/**
 * What an event entity tells, by what has happened: the type of the bridge's event, and after a dot the kind of the fault or what
 * the lock is now, where there is such (`fault_began.sensor`, `lock_changed.none`, `key_changed.`).
 */
export interface EventTypes {
  /** The type for Home Assistant, which has to be one of the entity's. */
  readonly types: Readonly<Record<string, string>>
  /** The type that is the same in every language. */
  readonly raw: Readonly<Record<string, string>>
  /** In a sentence; of faults and failed commands without its end, since the name of the fault, or the reason, follows. */
  readonly sentences: Readonly<Record<string, string>>
  /** What the faults are called, by key. */
  readonly faults: Readonly<Record<string, string>>
}

const DETAILS = '(value_json.details | default({}, true))'
const HAPPENED = `(value_json.type ~ '.' ~ ${DETAILS}.kind | default(${DETAILS}.lock | default('')))`
const FAULT = `${DETAILS}.fault | default(none)`

/** What Home Assistant gets of an event that the entity tells of, and nothing of any other, which it leaves aside. */
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

/** ON while `bridge/info` names a problem. */
export const bridgeProblem = `{{ 'ON' if ${PROBLEMS} else 'OFF' }}`

/** JSON attributes: what it is, for programs and in words. */
export const bridgeProblemAttributes = `{{ {'problems': ${PROBLEMS} | map(attribute='code') | list, 'message': ${PROBLEMS} | map(attribute='message') | join(' ')} | tojson }}`

/** What `bridge/info` says of one account: nothing when the account is not in the list. */
const accountOf = (id: string): string =>
  `(value_json.accounts | selectattr('id', 'eq', ${literal(id)}) | first | default({}))`

/** The state of one account in words, by a table of them; `None` when the account is not in the list. */
export function accountState(id: string, words: Readonly<Record<string, string>>): string {
  return `{{ ${table(words)}.get(${accountOf(id)}.state | default(none)) }}`
}

/** JSON attributes: under `value` what the words stand for. */
export const accountValue = (id: string): string => `{{ {'value': ${accountOf(id)}.state | default(none)} | tojson }}`

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
