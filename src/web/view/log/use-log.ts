import { useEffect, useRef, useState } from 'preact/hooks'
import type { LogJson } from '../../api/types.ts'
import { type Failure, failureOf } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'
import { type Chosen, NOTHING, type Shown, withAnswer } from './lines.ts'

/** Milliseconds between two looks. However fast lines come, each look brings a bounded number of them. */
const AGAIN_MS = 1000
const AT_FIRST = 500
const AT_ONCE = 100

export interface Log extends Shown {
  /** Why it can't be shown. */
  readonly failure: Failure | null
}

/** The log, followed while it is shown and not paused. */
export function useLog(level: Chosen, search: string, paused: boolean): Log {
  const { client } = usePage()
  const [shown, setShown] = useState<Shown>(NOTHING)
  const [failure, setFailure] = useState<Failure | null>(null)
  const now = useRef({ of: '', shown: NOTHING })
  useEffect(() => {
    const of = `${level} ${search}`
    if (paused && now.current.of === of) return
    if (now.current.of !== of) now.current = { of, shown: NOTHING }
    const state = { busy: false, over: false }
    const look = async () => {
      if (state.busy || document.hidden) return
      state.busy = true
      try {
        const { last } = now.current.shown
        const limit = last === 0 ? AT_FIRST : AT_ONCE
        const query = new URLSearchParams({ level, search, after: String(last), limit: String(limit) })
        const answer = await client.get<LogJson>(`/api/v1/log/lines?${query}`)
        if (state.over) return
        now.current = { of, shown: withAnswer(now.current.shown, answer) }
        setShown(now.current.shown)
        setFailure(null)
      } catch (error) {
        if (!state.over) setFailure(failureOf(error))
      } finally {
        state.busy = false
      }
    }
    void look()
    const again = paused ? undefined : setInterval(() => void look(), AGAIN_MS)
    return () => {
      state.over = true
      clearInterval(again)
    }
  }, [client, level, search, paused])
  return { ...shown, failure }
}
