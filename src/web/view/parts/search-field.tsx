/** Where somebody types what they look for. */
import type { TextKey } from '../../i18n/index.ts'
import { usePage } from '../hooks/context.ts'

interface SearchFieldProps {
  /** What is searched: its name, and shown while nothing is typed. */
  readonly label: TextKey
  readonly search: string
  readonly change: (search: string) => void
}

/** The longest that the bridge takes, in letters. */
const LONGEST = 200

export function SearchField({ label, search, change }: SearchFieldProps) {
  const { texts } = usePage()
  return (
    <input
      type="search"
      maxLength={LONGEST}
      aria-label={texts.say(label)}
      placeholder={texts.say(label)}
      value={search}
      onInput={({ currentTarget }) => change(currentTarget.value)}
    />
  )
}
