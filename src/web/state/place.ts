/**
 * The steps of the place within the page, after the `#` of the address. Any other page can lead here with any address: what
 * can't be decoded is taken as it stands.
 */
export const placeIn = (hash: string): readonly string[] => hash.replace(/^#\/?/, '').split('/').map(decoded)

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}
