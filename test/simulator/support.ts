import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { hotp, totpStep, type VirtualThermostat } from '../../src/simulator/index.ts'

/** Whoever listens somewhere. */
interface Asked {
  readonly host: string
  readonly port: number
}

/** A device that checks signatures. */
interface Signed {
  readonly serial: string
  readonly key: string
  readonly device: {
    readonly clock: { seconds(): number }
    readonly gate: { readonly counterBase: '2000' | 'unix' }
  }
}

export function fixture(name: string) {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'))
}

export interface Reply {
  readonly status: number
  readonly text: string
  readonly headers: NodeJS.Dict<string | string[]>
}

/** One exchange on a connection of its own. Rejects when the connection ends before the reply. */
export function exchange(
  url: string,
  options: { method?: string; body?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: options.method ?? 'POST',
        agent: false,
        headers: { 'content-type': 'application/json', ...options.headers },
        ...(options.signal ? { signal: options.signal } : {}),
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }))
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(options.body)
  })
}

export async function askText(thermostat: Asked, body: unknown, path = '/api.cgi'): Promise<string> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (await exchange(`http://${thermostat.host}:${thermostat.port}${path}`, { body: text })).text
}

/** The parsed answer; its shape is for the test to check. */
export async function ask(thermostat: Asked, body: unknown, path?: string) {
  return JSON.parse(await askText(thermostat, body, path))
}

/** `body` signed as the documents say, with the device's own clock unless `time` is given. */
export function signed(thermostat: Signed, body: object, options: { time?: number; key?: string } = {}) {
  const time = Math.floor(options.time ?? thermostat.device.clock.seconds())
  const auth = hotp(options.key ?? thermostat.key, totpStep(time, thermostat.device.gate.counterBase), 9)
  return { sn: thermostat.serial, time: String(time), auth, ...body }
}

/** `m.1` and the setpoint in °C that telemetry shows. */
export async function inForce(thermostat: VirtualThermostat): Promise<[mode: string, degrees: number]> {
  const telemetry = await ask(thermostat, { cmd: 4 })
  return [telemetry['m.1'], Number(telemetry['t.5']) / 16]
}
