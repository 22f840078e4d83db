import type { ComponentChildren } from 'preact'
import { usePage } from '../hooks/context.ts'

interface SureProps {
  /** What it is about. */
  readonly label: string
  /** What the button that does it says. */
  readonly yes: string
  readonly act: () => void
  readonly cancel: () => void
  /** The question. */
  readonly children: ComponentChildren
}

/** Asks before something is done that is not done lightly. */
export function Sure({ label, yes, act, cancel, children }: SureProps) {
  const { texts } = usePage()
  return (
    <div class="notice warn" role="alertdialog" aria-label={label}>
      <p>{children}</p>
      <button type="button" class="primary" onClick={act}>
        {yes}
      </button>{' '}
      <button type="button" class="quiet" onClick={cancel}>
        {texts.say('common.cancel')}
      </button>
    </div>
  )
}
