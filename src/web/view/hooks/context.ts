/** What every part of the page can use. */
import type { Signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Client } from '../../api/client.ts'
import type { BridgeInfoJson, Me } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'
import type { House } from '../../state/house.ts'
import type { ListState } from '../../state/list.ts'
import type { Look } from '../../state/look.ts'
import type { Drafts } from '../../state/schedule/drafts.ts'

export interface Page {
  readonly texts: Texts
  readonly look: Look
  readonly client: Client
  readonly house: House
  readonly list: ListState
  /** What the part of the page that is shown is called; empty until it has said. */
  readonly place: Signal<string>
  /** Schedules that are changed and not saved, by serial and kind. */
  readonly drafts: Drafts
  /** null until known; `password` while a password must be chosen before anything else. */
  readonly signedIn: Signal<boolean | 'password' | null>
  /** What the bridge said of itself when somebody signed in, such as its site; null before. */
  readonly info: Signal<BridgeInfoJson | null>
  /** Who is signed in; null for nobody, and until known. */
  readonly me: Signal<Me | null>
  /** Whether who is signed in may look, command devices, or administer the bridge. Views that ask are drawn anew when it changes. */
  readonly may: (scope: Me['scopes'][number]) => boolean
  /** Why the last session ended; null for no reason worth a word. */
  readonly ended: Signal<string | null>
  /** To be called once somebody is signed in. */
  readonly enter: () => Promise<void>
  /** Signs out on purpose: nothing of the user is kept in this tab. */
  readonly leave: () => Promise<void>
}

export const PageContext = createContext<Page | null>(null)

export function usePage(): Page {
  const page = useContext(PageContext)
  if (!page) throw new Error('There is no page around this.')
  return page
}
