import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { usePage } from '../hooks/context.ts'
import { useWayBack } from '../hooks/use-way-back.ts'

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

/** Asks before something is done that is not done lightly. It has the focus until it is answered. */
export function Sure({ label, yes, act, cancel, children }: SureProps) {
  const { texts } = usePage()
  const place = useWayBack<HTMLDivElement>({ enter: true })
  const question = useId()
  return (
    <div
      ref={place}
      class="notice warn"
      role="alertdialog"
      aria-label={label}
      aria-describedby={question}
      tabIndex={-1}
      onKeyDown={({ key }) => key === 'Escape' && cancel()}
    >
      <p id={question}>{children}</p>
      <button type="button" class="primary" onClick={act}>
        {yes}
      </button>{' '}
      <button type="button" class="quiet" onClick={cancel}>
        {texts.say('common.cancel')}
      </button>
    </div>
  )
}
