import type { TargetedInputEvent } from 'preact'
import { useState } from 'preact/hooks'
import type { Setting } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { numeric } from '../hooks/use-number.ts'

interface ControlProps {
  readonly id: string
  readonly row: Setting
  /** The new value; null resets it, undefined leaves it. */
  readonly change: unknown
  readonly set: (value: unknown) => void
}

/** The control for a setting, chosen only by its schema; the bridge decides whether a value is valid. */
export function SettingControl({ id, row, change, set }: ControlProps) {
  const { texts } = usePage()
  const [typed, setTyped] = useState('')
  const { schema, secret } = row
  const held = change === null ? row.default : row.value
  const described = { id, 'aria-describedby': `${id}-doc` }
  if (schema.type === 'boolean') {
    const on = typeof change === 'boolean' ? change : held === true
    return (
      <select {...described} value={String(on)} onChange={(event) => set(event.currentTarget.value === 'true')}>
        <option value="true">{texts.say('settings.yes')}</option>
        <option value="false">{texts.say('settings.no')}</option>
      </select>
    )
  }
  const isNumber = schema.type === 'integer' || schema.type === 'number'
  const shown = (value: unknown) => (typeof value === 'number' ? texts.field(value) : textOf(value))
  const known = typeof change === 'string' || typeof change === 'number' ? shown(change) : shown(secret ? null : held)
  // What is typed stays as it is while it means the same: 0,20 on the way to 0,205.
  const text = isNumber && typed !== '' && texts.read(typed) === change ? typed : known
  if (Array.isArray(schema.enum)) {
    return (
      <select {...described} value={text} onChange={(event) => set(event.currentTarget.value)}>
        {schema.enum.map((word) => (
          <option key={String(word)} value={String(word)}>
            {String(word)}
          </option>
        ))}
      </select>
    )
  }
  const shared = {
    ...described,
    value: text,
    autocomplete: secret ? 'new-password' : 'off',
    placeholder: placeholder(row, texts.say('settings.secretSet'), texts.say('settings.notSet')),
    onInput: ({ currentTarget: { value } }: TargetedInputEvent<HTMLInputElement>) => {
      setTyped(value)
      if (value === shown(secret ? null : row.value)) set(undefined)
      else set((isNumber ? texts.read(value) : undefined) ?? value)
    },
  }
  return secret ? (
    <input type="password" {...shared} />
  ) : (
    <input type="text" {...(isNumber ? numeric() : {})} {...shared} />
  )
}

const textOf = (value: unknown): string =>
  value === null || value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value)

const placeholder = ({ secret, set, unset }: Setting, hidden: string, none: string): string =>
  secret && set ? hidden : (unset ?? none)
