import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { usePage } from '../hooks/context.ts'

const BRIDGE = 'thermo2mqtt'

/** The heading of a place within the page, which the title of the window says too. @param more a step within the place */
export function PageTitle({ children: text, more }: { children: string; more?: string }) {
  const { place } = usePage()
  const title = more === undefined ? text : `${text}: ${more}`
  useLayoutEffect(() => {
    place.value = title
  }, [place, title])
  return <h1>{text}</h1>
}

/**
 * The title of the window: the place, the site if the bridge has one, and what this is. A place that was gone to is said to screen
 * readers, which do not notice that a title changes.
 */
export function WindowTitle() {
  const { place, info } = usePage()
  // Only those who are signed in know it; the title is shorter without one.
  const site = info.value?.site
  const [said, say] = useState('')
  const before = useRef('')
  const now = place.value
  useEffect(() => {
    document.title = [...new Set([now, site ?? '', BRIDGE])].filter(Boolean).join(' · ')
  }, [now, site])
  useEffect(() => {
    // The first one is read with the page.
    if (before.current !== '') say(now)
    before.current = now
  }, [now])
  return (
    <p class="hidden" role="status">
      {said}
    </p>
  )
}
