/** Fields of forms, and what goes with them. */
import type { TargetedInputEvent } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import type { TextKey } from '../../i18n/index.ts'
import type { Failure } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'
import type { Task } from '../hooks/use-task.ts'
import { FailureNotice, Status } from './notice.tsx'

/** What was typed, by the name of the field. */
export type Typed = Readonly<Record<string, string>>

interface FieldProps {
  /** Distinguishes the same field in several forms. */
  readonly id?: string
  readonly name: string
  readonly label: TextKey
  readonly typed: Typed
  readonly type: (name: string, value: string) => void
  readonly hint?: TextKey
  readonly secret?: boolean
  readonly required?: boolean
  /** Only one name, number or address: no capitals, no corrections. */
  readonly plain?: boolean
  /** What is likely to be typed. */
  readonly suggestions?: readonly string[]
}

export function Field({
  id = '',
  name,
  label,
  typed,
  type,
  hint,
  secret,
  required = false,
  plain = false,
  suggestions = [],
}: FieldProps) {
  const { texts } = usePage()
  const hintId = `hint-${id}-${name}`
  const shared = {
    id: `field-${id}-${name}`,
    value: typed[name] ?? '',
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => type(name, event.currentTarget.value),
    required,
    autocomplete: secret ? 'new-password' : 'off',
    ...(plain ? ({ autocapitalize: 'none', spellcheck: false } as const) : {}),
    ...(hint ? { 'aria-describedby': hintId } : {}),
    ...(suggestions.length > 0 ? { list: `likely-${id}-${name}` } : {}),
  }
  return (
    <div>
      <label for={shared.id}>
        {texts.say(label)}
        {secret ? <input type="password" {...shared} /> : <input type="text" {...shared} />}
      </label>
      {suggestions.length > 0 && (
        <datalist id={`likely-${id}-${name}`}>
          {suggestions.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
      {hint && (
        <p class="small" id={hintId}>
          {texts.say(hint)}
        </p>
      )}
    </div>
  )
}

interface CodeFieldProps {
  readonly label?: TextKey
  /** Where the code comes from. */
  readonly hint?: string
  readonly value: string
  readonly set: (value: string) => void
}

/** For the code of a second factor. */
export function CodeField({ label = 'signIn.code', hint, value, set }: CodeFieldProps) {
  const { texts } = usePage()
  const id = useId()
  return (
    <>
      <label>
        {texts.say(label)}
        <input
          value={value}
          onInput={(event) => set(event.currentTarget.value)}
          autocomplete="one-time-code"
          aria-describedby={hint === undefined ? undefined : id}
          required
        />
      </label>
      {hint !== undefined && (
        <p class="small" id={id}>
          {hint}
        </p>
      )}
    </>
  )
}

export function useForm(first: Typed = {}): {
  typed: Typed
  type: (name: string, value: string) => void
  clear: () => void
} {
  const [typed, setTyped] = useState(first)
  return {
    typed,
    type: (name, value) => setTyped((all) => ({ ...all, [name]: value })),
    clear: () => setTyped(first),
  }
}

/** The non-empty fields. */
export const filled = (typed: Typed, ...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (typed[name]?.trim() ? [[name, typed[name].trim()]] : [])))

/** The result of a change. */
export function Outcome({ task }: { task: Task }) {
  const { texts } = usePage()
  return (
    <>
      <Status>{task.busy ? texts.say('setup.working') : task.done ? texts.say('setup.saved') : ''}</Status>
      {task.failure && <FailureNotice failure={task.failure} title={texts.say('common.failed')} />}
    </>
  )
}

/** A button that asks for confirmation: the second press of a double click is none. */
export function RemoveButton({ name, busy, remove }: { name: string; busy: boolean; remove: () => void }) {
  const { texts } = usePage()
  const [sure, setSure] = useState(false)
  const first = useRef<HTMLButtonElement>(null)
  const press = ({ detail: clicks }: MouseEvent) => {
    if (!sure) setSure(true)
    else if (clicks < 2) remove()
  }
  const keep = () => {
    setSure(false)
    // This button disappears.
    first.current?.focus()
  }
  return (
    <>
      <button
        ref={first}
        type="button"
        class="quiet"
        disabled={busy}
        aria-label={sure ? `${texts.say('setup.removeSure')}: ${name}` : texts.say('setup.removeNamed', { name })}
        onClick={press}
      >
        {texts.say(sure ? 'setup.removeSure' : 'setup.remove')}
      </button>
      {sure && (
        <button type="button" class="quiet" disabled={busy} onClick={keep}>
          {texts.say('common.cancel')}
        </button>
      )}
    </>
  )
}

/** The source of a setting as text: `page`, `default`, or a kind of source with its name. */
export function useSource(): (source: string) => string {
  const { texts } = usePage()
  return (source) => {
    const [, kind, name = ''] = /^(configuration file|environment variable|secret file|flag) (.+)$/s.exec(source) ?? []
    const text = texts.find(`settings.source.${kind ?? source}`)
    return text === null ? source : `${text} ${name}`.trim()
  }
}

/** Where it is set and can be changed. */
export function Fixed({ source }: { source: string }) {
  const { texts } = usePage()
  const said = useSource()
  return <p class="small">{texts.say('setup.fixed', { source: said(source) })}</p>
}

/** Shown while the settings are not known. */
export function NotYet({ failure }: { failure: Failure | null }) {
  const { texts } = usePage()
  return failure ? <FailureNotice failure={failure} /> : <p class="center">{texts.say('common.loading')}</p>
}
