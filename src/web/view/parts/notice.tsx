import type { ComponentChildren } from 'preact'
import type { Texts } from '../../i18n/index.ts'
import type { Failure } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'

/** What went wrong, in plain words. */
export function inWords(texts: Texts, { code, reason }: Pick<Failure, 'code' | 'reason'>): string {
  const known = (of: string) => (reason === undefined ? null : texts.find(`${of}.${reason}`))
  const ofBackup = known('backup.reason')
  if (ofBackup !== null) return `${ofBackup} ${texts.say('backup.nothing')}`
  return known('password') ?? known('refused') ?? texts.lookUp('error', code)
}

/** What went wrong in plain words, with the bridge's exact message below. */
export function FailureNotice({ failure, title }: { failure: Failure; title?: string }) {
  const { texts } = usePage()
  return (
    <div class="notice bad" role="alert">
      {title && <strong>{title} </strong>}
      {inWords(texts, failure)}
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
