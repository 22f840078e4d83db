/** Where a broker is, and how to open a stream to it. */
import { readFileSync, statSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, createSecureContext } from 'node:tls'
import { connect, type IClientOptions, MqttClient } from 'mqtt'
import { BridgeError } from '../../core/errors.ts'
import type { MqttOptions } from '../options.ts'

export type ProtocolVersion = 4 | 5

export interface Target {
  /** For people: without user name and password. */
  readonly url: string
  /** The newest protocol worth trying. */
  readonly newest: ProtocolVersion
  /** Starts one connection. mqtt.js must not reconnect by itself. */
  open(options: IClientOptions): MqttClient
}

/** In the details of an error: it reveals a file of this machine. */
const FILE = 'file'

/** Bytes; larger than all certificate authorities of a system together. */
const LARGEST_PEM = 1024 * 1024

interface TlsFiles {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
}

/**
 * The brokers in the settings. Certificates are read once, here. Throws `BridgeError` BAD_REQUEST, naming the setting,
 * for a file that can't be read or is not PEM.
 */
export function brokerTargets(settings: MqttOptions): readonly Target[] {
  const files = readTlsFiles(settings)
  return settings.url.map((url) => brokerTarget(url, files))
}

/** The embedded broker, reached without a socket. */
export function embeddedTarget(url: () => string, dial: () => Duplex): Target {
  return {
    get url() {
      return url()
    },
    newest: 5,
    open: (options) => new MqttClient(dial, options),
  }
}

function brokerTarget(text: string, files: TlsFiles): Target {
  const url = new URL(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const shown = { url: `${url.protocol}//${url.host}`, newest: 5 } as const
  switch (url.protocol) {
    case 'mqtt:': {
      const port = Number(url.port || 1883)
      return {
        ...shown,
        open: (options) => new MqttClient(() => connectTcp({ host, port, noDelay: true, keepAlive: true }), options),
      }
    }
    case 'mqtts:': {
      const port = Number(url.port || 8883)
      return { ...shown, open: (options) => new MqttClient(() => openTls(host, port, files), options) }
    }
    case 'ws:':
      return { ...shown, open: (options) => connect(url.href, options) }
    case 'wss:':
      return { ...shown, open: (options) => connect(url.href, { ...options, ...files }) }
    default:
      throw new BridgeError('BAD_REQUEST', `mqtt.url must begin with mqtt, mqtts, ws or wss, not ${url.protocol}//.`)
  }
}

function openTls(host: string, port: number, files: TlsFiles): Duplex {
  // Addresses must not be sent as server name (RFC 6066, section 3); the certificate is still checked against `host`.
  const socket = connectTls({ host, port, ...files })
  socket.setNoDelay(true)
  socket.setKeepAlive(true)
  return socket
}

function readTlsFiles(settings: MqttOptions): TlsFiles {
  const { ca, cert, key } = settings
  if (Boolean(cert) !== Boolean(key)) {
    throw new BridgeError('BAD_REQUEST', 'mqtt.cert and mqtt.key go together: set both or none.')
  }
  const files: TlsFiles = {
    ...(ca ? { ca: readPem('mqtt.ca', ca) } : {}),
    ...(cert && key ? { cert: readPem('mqtt.cert', cert), key: readPem('mqtt.key', key) } : {}),
  }
  try {
    createSecureContext(files)
  } catch (cause) {
    throw new BridgeError(
      'BAD_REQUEST',
      `The files of mqtt.ca, mqtt.cert and mqtt.key do not fit together (${reason(cause)}): key and certificate must be PEM and belong to each other, the key without a passphrase.`,
      { cause, details: { reason: FILE } },
    )
  }
  return files
}

function readPem(setting: string, path: string): Buffer {
  try {
    // An endless file, such as a pipe, would block everything forever.
    const file = statSync(path)
    const text = file.isFile() && file.size <= LARGEST_PEM ? readFileSync(path) : Buffer.alloc(0)
    if (text.includes('-----BEGIN ')) return text
  } catch (cause) {
    throw new BridgeError(
      'BAD_REQUEST',
      `${setting} can’t be read (${reason(cause)}): check the path and its permissions.`,
      { cause, details: { reason: FILE } },
    )
  }
  throw new BridgeError('BAD_REQUEST', `${setting}: ${path} is not a PEM file: it has no "-----BEGIN" line.`, {
    details: { reason: FILE },
  })
}

function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
