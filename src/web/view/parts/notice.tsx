import type { ComponentChildren } from 'preact'
import type { Failure } from '../../state/house.ts'
import { usePage } from './context.ts'

/** What went wrong, in plain words, and below it what the bridge said exactly. */
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
        // The bridge speaks English.
        <p class="small" lang="en">
          {failure.message}
        </p>
      )}
    </div>
  )
}

/** Says something when it changes, also to those who listen to the page. */
export function Status({ children }: { children?: ComponentChildren }) {
  return (
    <p class="status" role="status">
      {children}
    </p>
  )
}
