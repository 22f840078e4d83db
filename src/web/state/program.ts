/** The program of a session. */

const BROWSERS = [/Edg(?=\/)/, /OPR(?=\/)/, /Firefox/, /Chrome/, /Safari/] as const
const SYSTEMS = [/Android/, /iPhone/, /iPad/, /Windows/, /Mac OS/, /Linux/] as const
const NAMES: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS': 'macOS' }

/** A short name from a browser's user agent; anything else unchanged. */
export function programOf(agent: string): string {
  const found = [BROWSERS, SYSTEMS].map((known) => known.map((one) => one.exec(agent)?.[0]).find(Boolean) ?? '')
  if (found.includes('')) return agent
  return found.map((name) => NAMES[name] ?? name).join(' · ')
}
