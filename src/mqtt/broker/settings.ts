/** The settings of the embedded broker, and the errors if it can't listen. */
import { BridgeError } from '../../core/errors.ts'
import { isLoopback } from '../../core/network/addresses.ts'

export interface EmbeddedOptions {
  readonly host: string
  /** 0 chooses a free one. */
  readonly port: number
  readonly username?: string | null | undefined
  readonly password?: string | null | undefined
}

/** Throws `BridgeError` BAD_REQUEST for settings that would let anybody on the network in. */
export function requireSafe({ host, username, password }: EmbeddedOptions): void {
  if (Boolean(username) !== Boolean(password)) {
    throw new BridgeError(
      'BAD_REQUEST',
      'mqtt.embedded.username and mqtt.embedded.password go together: set both or none.',
    )
  }
  if (!username && !isLoopback(host)) {
    throw new BridgeError(
      'BAD_REQUEST',
      `mqtt.embedded.host is ${host}, so anybody on the network could control the thermostats: set mqtt.embedded.username and mqtt.embedded.password, or leave the host at 127.0.0.1.`,
    )
  }
}

/** Where it listens. */
export const urlAt = (host: string, port: number): string => `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`

/** The error to throw, with setting and remedy. */
export function cannotListen({ host, port }: EmbeddedOptions, cause: unknown): BridgeError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const why =
    code === 'EADDRINUSE'
      ? `another program, probably an MQTT broker, uses that port: set mqtt.url to that broker (T2M_MQTT_URL=mqtt://127.0.0.1:${port}), or mqtt.embedded.port (T2M_MQTT_EMBEDDED_PORT) to a free port`
      : code === 'EACCES'
        ? 'the system does not allow that port: set mqtt.embedded.port (T2M_MQTT_EMBEDDED_PORT) to one above 1023'
        : 'check mqtt.embedded.host and mqtt.embedded.port'
  const message = `The embedded MQTT broker can’t listen on ${host} port ${port} (${String(code ?? cause)}): ${why}.`
  const details = code === 'EADDRINUSE' ? { reason: TAKEN } : {}
  return new BridgeError('BAD_REQUEST', message, { cause, details: { ...details, key: 'mqtt.embedded.port' } })
}

/** In the details of the error. */
const TAKEN = 'port_taken'

/** Whether another program has the port of the embedded broker, which may end by itself. */
export const isPortTaken = (error: unknown): boolean => error instanceof BridgeError && error.details?.reason === TAKEN
