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

/** JSON attributes: under `faults` the ones of `keys` that are true. */
export function faults(keys: readonly string[]): string {
  const list = keys.map((key) => `'${safe(key)}'`).join(', ')
  return `{{ {'faults': value_json.items() | selectattr(1, 'eq', true) | map(attribute=0) | select('in', [${list}]) | list} | tojson }}`
}

/** A text literal of the template language; only plain characters stand in it as they are. */
function literal(text: string): string {
  const plain = /[A-Za-z0-9_.@ -]/
  return `'${Array.from({ length: text.length }, (_, i) => {
    const char = text.charAt(i)
    return plain.test(char) ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  }).join('')}'`
}

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
