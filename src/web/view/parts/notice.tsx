import type { ComponentChildren } from 'preact'
import type { Failure } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'

/** What went wrong in plain words, with the bridge's exact message below. */
export function FailureNotice({ failure, title }: { failure: Failure; title?: string }) {
  const { texts } = usePage()
  const known = (of: string) => (failure.reason === undefined ? null : texts.find(`${of}.${failure.reason}`))
  const ofBackup = known('backup.reason')
  const ofAny = known('password') ?? texts.lookUp('error', failure.code)
  const plain = ofBackup === null ? ofAny : `${ofBackup} ${texts.say('backup.nothing')}`
  return (
    <div class="notice bad" role="alert">
      {title && <strong>{title} </strong>}
      {plain}
      {failure.message !== '' && (
        // The bridge's messages are in English.
        <p class="small" lang="en">
          {failure.message}
        </p>
      )}
    </div>
  )
}

/** A status that screen readers announce when it changes. */
export function Status({ children }: { children?: ComponentChildren }) {
  return (
    <p class="status" role="status">
      {children}
    </p>
  )
}
