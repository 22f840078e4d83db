import type { TextKey } from '../../i18n/index.ts'
import { usePage } from '../hooks/context.ts'

interface PasswordFieldProps {
  readonly label: TextKey
  readonly value: string
  readonly set: (value: string) => void
  /** For a new one: how many characters it has at least. */
  readonly fresh?: number
}

export function PasswordField({ label, value, set, fresh }: PasswordFieldProps) {
  const { texts } = usePage()
  return (
    <label>
      {texts.say(label)}
      <input
        type="password"
        value={value}
        autocomplete={fresh === undefined ? 'current-password' : 'new-password'}
        {...(fresh === undefined ? {} : { minLength: fresh })}
        onInput={(event) => set(event.currentTarget.value)}
        required
      />
    </label>
  )
}
