/**
 * A serial in lower case letters, digits and `mark`. Real serials, upper case hexadecimal digits, become lower case
 * without loss. Anything that would be lost is written as the mark and its code, so that different serials stay
 * different.
 */
export function plainSerial(serial: string, mark: '-' | '_'): string {
  return serial.replace(/[^0-9]/g, (char) =>
    /[A-Z]/.test(char) ? char.toLowerCase() : `${mark}${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
