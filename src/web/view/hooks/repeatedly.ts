/**
 * Asks at once and then again and again, for an effect. An answer counts only if none to a later request is there already, and
 * not after the end.
 * @param ms between two requests
 * @param fail gets why a request failed. Without it that changes nothing: that the bridge can't be reached is said elsewhere
 * @returns what ends it
 */
export function repeatedly<Answer>(
  ms: number,
  ask: () => Promise<Answer>,
  take: (answer: Answer) => void,
  fail: (error: unknown) => void = () => undefined,
): () => void {
  let asked = 0
  let taken = 0
  const once = () => {
    const turn = ++asked
    const inTurn =
      <Said>(hear: (said: Said) => void) =>
      (said: Said) => {
        if (turn < taken) return
        taken = turn
        hear(said)
      }
    ask().then(inTurn(take), inTurn(fail))
  }
  once()
  const id = setInterval(once, ms)
  return () => {
    clearInterval(id)
    taken = Number.POSITIVE_INFINITY
  }
}
