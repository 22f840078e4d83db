/** Makes the browser save a file, as if a link to it had been followed. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser reads it after this; a minute is long enough, and the page may be open for days.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
