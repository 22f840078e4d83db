/**
 * A serial in lower case letters, digits and `mark`. Letters become lower case, which real serials, upper case hexadecimal
 * digits, take without loss; what would be lost is written as the mark and its code, so that no two serials come out alike.
 */
export function plainSerial(serial: string, mark: '-' | '_'): string {
  return serial.replace(/[^0-9]/g, (char) =>
    /[A-Z]/.test(char) ? char.toLowerCase() : `${mark}${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
