import type { TargetedFocusEvent, TargetedInputEvent, TargetedKeyboardEvent } from 'preact'
import { useState } from 'preact/hooks'

/**
 * A field that keeps what is being typed: updates from the bridge must not replace it. `send` gets the text on leaving the
 * field or pressing Enter, only if it was changed; Escape undoes it.
 * @param step what the arrow keys up and down make of the text
 */
export function useTyped(shown: string, send: (text: string) => void, step?: (text: string, by: 1 | -1) => string) {
  const [typed, setTyped] = useState<string | null>(null)
  const finish = (text: string) => {
    setTyped(null)
    if (text !== shown) send(text)
  }
  return {
    value: typed ?? shown,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => setTyped(event.currentTarget.value),
    onBlur: (event: TargetedFocusEvent<HTMLInputElement>) => {
      if (typed !== null) finish(event.currentTarget.value)
    },
    onKeyDown: (event: TargetedKeyboardEvent<HTMLInputElement>) => {
      if (event.key === 'Enter') finish(event.currentTarget.value)
      if (event.key === 'Escape') setTyped(null)
      if (!step || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
      event.preventDefault()
      setTyped(step(event.currentTarget.value, event.key === 'ArrowUp' ? 1 : -1))
    },
  }
}
