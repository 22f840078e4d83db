/**
 * Copies a text. Browsers let only secure pages use their clipboard; over plain HTTP, as on most home networks, a field that is
 * selected is copied as with keys.
 * @returns whether the browser did it
 */
export async function copyText(text: string): Promise<boolean> {
  if (isSecureContext) {
    await navigator.clipboard.writeText(text)
    return true
  }
  const focused = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return done
}
