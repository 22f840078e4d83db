import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * For what is opened by a control and closes once something was chosen: whoever is in it then goes on at that control, or at what
 * has taken its place. Otherwise the focus would be nowhere, and a screen reader at the top of the page.
 * @param enter whether the focus goes into it when it opens
 * @returns for the element that closes; right after what opens it
 */
export function useWayBack<Place extends HTMLElement>({ enter = false } = {}): RefObject<Place | null> {
  const place = useRef<Place>(null)
  useLayoutEffect(() => {
    const opener = document.activeElement
    const before = place.current?.previousElementSibling
    if (enter) place.current?.focus()
    return () => {
      if (!place.current?.contains(document.activeElement)) return
      // By then everything is drawn.
      queueMicrotask(() => {
        const inPlace = before?.querySelector('button:not(:disabled)')
        const to = opener?.isConnected && !opener.matches(':disabled') ? opener : inPlace
        if (to instanceof HTMLElement) to.focus()
      })
    }
  }, [])
  return place
}
