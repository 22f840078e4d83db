/** The history of a device: asked for, and followed as long as it goes up to now. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Device, HistoryAnswer, HistorySample } from '../../api/types.ts'
import { historyPath, linesOf, liveSample } from '../../state/history/samples.ts'
import { type HistoryView, spanOf } from '../../state/history/view.ts'
import { type Failure, failureOf } from '../../state/house.ts'
import { usePage } from '../hooks/context.ts'

/** ms after which the bridge is asked again, so that what came in since is thinned as the rest is. */
const AGAIN = 5 * 60_000

const NOTHING = {}

export interface Followed {
  readonly answer: HistoryAnswer | null
  /** What has happened since the answer. */
  readonly since: readonly HistorySample[]
  /** Unix seconds by the clock of the bridge. */
  readonly now: () => number
  readonly failure: Failure | null
}

/** @param device undefined: nothing is asked */
export function useHistory(device: Device | undefined, view: HistoryView): Followed {
  const { client, house, texts } = usePage()
  const { serial, state, online } = device ?? { serial: undefined, state: NOTHING, online: false }
  const { range, last } = view
  const [given, setAnswer] = useState<HistoryAnswer | null>(null)
  // Until the answer is there, the one about another device says nothing.
  const answer = given?.serial === serial ? given : null
  const [since, setSince] = useState<readonly HistorySample[]>([])
  const [failure, setFailure] = useState<Failure | null>(null)
  // What the bridge's clock showed, and when: the browser's own may be wrong.
  const clock = useRef({ bridge: Date.now() / 1000, here: performance.now() })
  const now = () => clock.current.bridge + (performance.now() - clock.current.here) / 1000
  const live = house.live.value === 'live'

  useEffect(() => {
    if (!live || serial === undefined) return
    let stale = false
    const ask = async () => {
      const span = spanOf(view, texts.momentOf)
      try {
        const next = await client.get<HistoryAnswer>(historyPath(serial, range, span))
        if (stale) return
        if (span === null) clock.current = { bridge: Date.parse(next.to) / 1000, here: performance.now() }
        setAnswer(next)
        setSince([])
        setFailure(null)
      } catch (error) {
        if (!stale) setFailure(failureOf(error))
      }
    }
    void ask()
    const again = last === null ? setInterval(() => void ask(), AGAIN) : undefined
    return () => {
      stale = true
      clearInterval(again)
    }
  }, [client, serial, range, last, live])

  useEffect(() => {
    if (last !== null || !answer?.recording) return
    const sample = liveSample(state, online, now())
    setSince((before) => (sameSample(before.at(-1), sample) ? before : [...before, sample]))
  }, [answer, last, state, online])

  return { answer, since, now, failure }
}

const sameSample = (a: HistorySample | undefined, b: HistorySample): boolean =>
  a !== undefined && linesOf([a, b]).every((line) => a[line] === b[line])
