import type { Clock } from '../core/clock.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { Accounts, Bridge, Devices } from '../devices/ports.ts'
import type { Authenticator, Scope } from './auth.ts'

/** One thing that has to work for the bridge to do its whole job. */
export interface Check {
  readonly ok: boolean
  /** What is wrong, in a few words. Anybody may read it, so it names no secret and nobody's account. */
  readonly detail?: string
}

/** One Prometheus metric as another part of the bridge offers it. Names and units follow Prometheus' own advice. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

/** Called at every scrape. The same metrics, with the same label names, every time. */
export type MetricSource = () => readonly Metric[]

/** What the API is made of, with its address and its sign-in left out. */
export interface ApiParts {
  readonly devices: Devices
  readonly accounts: Accounts
  readonly bridge: Bridge
  /** What `/readyz` shows; the bridge is ready when every check is ok. */
  readonly readiness: () => Readonly<Record<string, Check>>
  readonly metrics?: readonly MetricSource[]
  readonly logger: Logger
  readonly clock: Clock
  readonly version: string
}

export interface ApiOptions extends ApiParts {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly adminPassword: string
}

export interface ServerOptions extends ApiParts {
  readonly authenticator: Authenticator
}

export interface Api {
  /**
   * Opens the port; resolves with the address really taken. Rejects with a message that names `api.port` or `api.host` when
   * the address can't be had.
   */
  start(): Promise<{ readonly host: string; readonly port: number }>
  /** Ends event streams at once, gives requests under way half a second, and closes the port. Safe to call at any time. */
  stop(): Promise<void>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed to do; `open` asks for nothing. Every route says it, or the API does not start. */
    scope?: Scope | 'open'
    /** The error codes that the route gives beyond those of all routes. */
    errors?: readonly ErrorCode[]
    /** The body as documented, where the one validated by schema is looser. */
    documentedBody?: unknown
  }
}
