/** The cloud whose session begins with a code that the bridge can make itself. */
import type { IncomingMessage } from 'node:http'

export const MINUTE = 60_000
const DEVICES = { path: '/api/devices/', items: 'results' }
export const OMNITRON = { provider: 'omnitron', devices: DEVICES }

export const jsonOf = async (request: IncomingMessage): Promise<unknown> => {
  let text = ''
  for await (const chunk of request) text += chunk
  return text === '' ? null : JSON.parse(text)
}
