/** What those see who may not do everything. */
import type { ComponentChildren } from 'preact'
import type { Me } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'

interface RightsProps {
  /** What it takes. */
  readonly scope: Me['scopes'][number]
  readonly children: ComponentChildren
}

/** Shown only to those who may use it. */
export function Only({ scope, children }: RightsProps) {
  return usePage().may(scope) ? children : null
}

/** Controls that also show how things stand: everybody sees them, and only those who may can use them. */
export function Locked({ scope, children }: RightsProps) {
  const { texts, may } = usePage()
  if (may(scope)) return children
  return (
    <fieldset class="locked" disabled title={texts.say('refused.role')}>
      {children}
    </fieldset>
  )
}
