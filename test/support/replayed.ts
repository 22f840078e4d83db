import { createServer } from 'node:http'
import { isObject, type JsonObject, parseJson } from '../../src/core/json.ts'
import { parseBeacon } from '../../src/protocol/beacon.ts'
import { list, object } from './fixtures.ts'
import { listening } from './listening.ts'
import type { Teardown } from './simulator.ts'

/** What stands in recordings for the serial number of a device, as long as that was. */
const STAND_IN = /0123456789ABCDEF[0-9A-F]*/g

/** A device that answers what a recording holds. */
interface Replayed {
  readonly host: string
  readonly port: number
  /** What its beacons say. */
  readonly hw: string | null
}

/**
 * Starts a device from a recording of `thermo2mqtt record`. It answers with nothing where the recorded one did, and to
 * everything else that it was not asked then.
 * @param serial that it is to have
 */
export async function replay(t: Teardown, recording: JsonObject, serial: string): Promise<Replayed> {
  const exchanges = list(recording.exchanges).map(object)
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      const asked = parseJson(body)
      const found = exchanges.find(({ request }) => isObject(asked) && object(request).cmd === asked.cmd)
      const answer = found?.response === undefined ? '' : JSON.stringify(found.response)
      response.end(answer.replace(STAND_IN, serial))
    })
  })
  const port = await listening(t, server)
  const beacon = parseBeacon(Buffer.from(String(list(recording.datagrams)[0] ?? '')))
  return { host: '127.0.0.1', port, hw: typeof beacon === 'string' ? null : beacon.hw }
}
