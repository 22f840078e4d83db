import { type Range, stepped } from '../../state/limits.ts'
import { usePage } from './context.ts'
import { useTyped } from './use-typed.ts'

/**
 * A field for a number, as {@link useTyped}. Not of the browser's own type: that one takes a comma or a point by the language of
 * the browser and swallows the other, so that 21,5 becomes 215.
 */
export function useNumber(shown: number | null, send: (value: number) => void, range: Partial<Range> = {}) {
  const { texts } = usePage()
  const { min = -Infinity, max = Infinity, step = 1 } = range
  const typed = useTyped(
    shown === null ? '' : texts.field(shown),
    (text) => {
      const value = texts.read(text)
      if (value !== undefined) send(value)
    },
    (text, by) => texts.field(stepped(texts.read(text) ?? shown ?? Math.max(min, 0), by, { min, max, step })),
  )
  return { ...numeric(min < 0), ...typed, 'aria-invalid': typed.value !== '' && texts.read(typed.value) === undefined }
}

/** What makes a text field one for numbers. The keys for numbers of some phones have no minus. */
export const numeric = (negative = false) =>
  ({ type: 'text', inputMode: negative ? 'text' : 'decimal', class: 'number', autocomplete: 'off' }) as const
