import type { Clock } from '../core/clock.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { SecretValues } from '../core/logging/secrets.ts'
import type { Accounts, Bridge, Devices } from '../devices/ports.ts'
import type { History } from '../history/types.ts'
import type { Identity } from './auth/authenticator.ts'
import type { Access, AccessOptions } from './auth/index.ts'
import type { Scope } from './auth/ports.ts'
import type { AuditNote } from './edge/audit-requests.ts'
import type { IngressSettings } from './edge/ingress.ts'
import type { Tls } from './edge/tls.ts'
import type { MessageTestJson } from './schemas/housekeeping.ts'
import type { SystemState } from './schemas/info.ts'
import type { SettingsDesk } from './schemas/settings.ts'
import type { Housekeeping } from './views/housekeeping.ts'

/** One thing that must work for the bridge to do its whole job. */
export interface Check {
  readonly ok: boolean
  /** What is wrong, for programs and for the page's translations. */
  readonly code?: string
  /** What is wrong, in a few words. Anybody may read it, so it names no secrets or accounts. */
  readonly detail?: string
  /** ISO time since which something is missing. */
  readonly since?: string
}

/** One Prometheus metric as another part of the bridge offers it. Names and units follow Prometheus' own advice. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly samples: readonly {
    /** The suffix of a histogram line: `_bucket`, `_sum`, `_count`. */
    readonly suffix?: string
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
  }[]
}

/** Called at every scrape. The same metrics, with the same label names, every time. */
export type MetricSource = () => readonly Metric[]

/** Tests the ways on which messages go to people. */
export interface MessageTests {
  /** @throws BridgeError `BAD_REQUEST` if none is set up */
  test(): Promise<readonly MessageTestJson[]>
}

/** The parts of the API, without its address and its sign-in. */
export interface ApiParts {
  readonly devices: Devices
  readonly accounts: Accounts
  readonly history: History
  readonly bridge: Bridge
  /** What `/readyz` shows; the bridge is ready if every check is ok. */
  readonly readiness: () => Readonly<Record<string, Check>>
  /** What `GET /api/v1/info` shows of broker, discovery and store. */
  readonly system: () => SystemState
  /** Events, keys, backups, diagnostics. */
  readonly housekeeping: Housekeeping
  readonly messages: MessageTests
  /** Resolves when all data so far is on the disk; without it, that is assumed at once. */
  readonly durable?: () => Promise<void>
  readonly metrics?: readonly MetricSource[]
  readonly logger: Logger
  /** Kept out of events, and of errors, which may repeat what was sent. */
  readonly secrets: SecretValues
  readonly clock: Clock
  readonly version: string
  /** Which peers may name the client (X-Forwarded-For): none, the nearest whoever it is, or these. */
  readonly trustProxy?: boolean | readonly string[] | undefined
  /** Changes the settings; without it they can't be changed. */
  readonly settings?: SettingsDesk | undefined
  /** Additional names of the API besides the bridge's own; `*.` means any subdomain, `*` any name. */
  readonly hosts?: readonly string[] | undefined
  /** The path below which a proxy serves page and API, such as `/heat`; empty for none. */
  readonly basePath?: string | undefined
  /** Who has signed people in before they come here; left out, nobody has. */
  readonly ingress?: IngressSettings | undefined
  /** Origins of other pages that may call the API. */
  readonly allowedOrigins?: readonly string[] | undefined
  /** The folder of the built page; by default the build's output folder. */
  readonly page?: string | undefined
}

export interface ApiOptions extends ApiParts {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly access: AccessOptions
  /** Files with certificate and private key, PEM; without them the API speaks plain HTTP. */
  readonly tls?: { readonly cert: string | null; readonly key: string | null }
}

export interface ServerOptions extends ApiParts {
  readonly access: Access
  /** Certificate and private key, PEM. */
  readonly tls?: Tls | undefined
}

export interface ApiAddress {
  readonly host: string
  readonly port: number
  /** The address for a browser on this machine. */
  readonly url: string
}

export interface Api {
  /**
   * Opens the port and resolves with the actual address. Rejects with a message that names `api.port` or `api.host` if
   * the address can't be used.
   */
  start(): Promise<ApiAddress>
  /**
   * Ends event streams at once, gives requests in progress half a second, and closes the port. Safe to call at any
   * time.
   */
  stop(): Promise<void>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a caller needs; `open` needs none. Every route must have one, or the API does not start. */
    scope?: Scope | 'open'
    /** Whether HTTP Basic is accepted. Only for reading, because browsers send it by themselves. */
    basic?: boolean
    /** Whether it is only for a user's own sign-in, not for API tokens. */
    session?: boolean
    /** Whether it is open to users who must first replace a password made by the bridge. */
    passwordMade?: boolean
    /** Whether the audit log records it; by default if it changes something. `body`: with the body, secrets masked. */
    audit?: boolean | 'failures' | 'body'
    /** Whether the log does not name its requests: those of a reader of the log would fill the log. */
    unlogged?: boolean
    /** Whether the body is a file, which may take minutes to come. */
    upload?: boolean
    /** `fields`: errors also have the keys from the documents on sign-in. */
    errorShape?: 'fields'
    /** The error codes of the route besides those of all routes. */
    errors?: readonly ErrorCode[]
    /** The documented body, if the validated schema is looser. */
    documentedBody?: unknown
  }

  interface FastifyRequest {
    /** Who asks; null on routes that are open. */
    identity: Identity | null
    /** What the audit log should say. */
    note: AuditNote | null
  }

  interface FastifyReply {
    /** The error code of the answer. */
    errorCode: ErrorCode | null
  }
}
