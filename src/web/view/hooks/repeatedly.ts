/**
 * Looks at once and then again and again, for an effect. A look that fails changes nothing: that the bridge can't be reached is
 * said elsewhere.
 * @param ms between two looks
 * @returns what ends it
 */
export function repeatedly(ms: number, look: () => Promise<void>): () => void {
  const quietly = () => void look().catch(() => undefined)
  quietly()
  const id = setInterval(quietly, ms)
  return () => clearInterval(id)
}
