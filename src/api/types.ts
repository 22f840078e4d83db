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
import type { SystemState } from './schemas/info.ts'
import type { SettingsDesk } from './schemas/settings.ts'
import type { Housekeeping } from './views/housekeeping.ts'

/** One thing that has to work for the bridge to do its whole job. */
export interface Check {
  readonly ok: boolean
  /** What is wrong, for programs, and for the page to say it in another language. */
  readonly code?: string
  /** What is wrong, in a few words. Anybody may read it, so it names no secret and nobody's account. */
  readonly detail?: string
  /** ISO time from which on something is missing. */
  readonly since?: string
}

/** One Prometheus metric as another part of the bridge offers it. Names and units follow Prometheus' own advice. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly samples: readonly {
    /** What a line of a histogram adds to the name: `_bucket`, `_sum`, `_count`. */
    readonly suffix?: string
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
  }[]
}

/** Called at every scrape. The same metrics, with the same label names, every time. */
export type MetricSource = () => readonly Metric[]

/** What the API is made of, with its address and its sign-in left out. */
export interface ApiParts {
  readonly devices: Devices
  readonly accounts: Accounts
  readonly history: History
  readonly bridge: Bridge
  /** What `/readyz` shows; the bridge is ready when every check is ok. */
  readonly readiness: () => Readonly<Record<string, Check>>
  /** What `GET /api/v1/info` shows of broker, discovery and store. */
  readonly system: () => SystemState
  /** What happened, keys, backups, diagnostics. */
  readonly housekeeping: Housekeeping
  /** Resolves when everything that was remembered until now is on the disk; left out, it is at once. */
  readonly durable?: () => Promise<void>
  readonly metrics?: readonly MetricSource[]
  readonly logger: Logger
  /** Kept out of errors, which may repeat what was sent, and of events. */
  readonly secrets: SecretValues
  readonly clock: Clock
  readonly version: string
  /** Which peers may say for whom they ask (X-Forwarded-For): none, the nearest whoever it is, or these. */
  readonly trustProxy?: boolean | readonly string[] | undefined
  /** Where the settings are changed; left out, they can't be. */
  readonly settings?: SettingsDesk | undefined
  /** Names by which the API is reached, beyond those that are the bridge's anyway; `*.` stands for all below one, `*` for any. */
  readonly hosts?: readonly string[] | undefined
  /** Below which a proxy shows page and API, `/heat`; empty for none. */
  readonly basePath?: string | undefined
  /** Who has signed people in before they come here; left out, nobody has. */
  readonly ingress?: IngressSettings | undefined
  /** Origins of other pages that may call the API. */
  readonly allowedOrigins?: readonly string[] | undefined
  /** The folder of the built page; where the build puts it when left out. */
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
  /** Where a browser on this machine finds it. */
  readonly url: string
}

export interface Api {
  /**
   * Opens the port; resolves with the address really taken. Rejects with a message that names `api.port` or `api.host` when
   * the address can't be had.
   */
  start(): Promise<ApiAddress>
  /** Ends event streams at once, gives requests under way half a second, and closes the port. Safe to call at any time. */
  stop(): Promise<void>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed to do; `open` asks for nothing. Every route says it, or the API does not start. */
    scope?: Scope | 'open'
    /** Whether HTTP Basic is taken. Only for what reads: browsers send it by themselves. */
    basic?: boolean
    /** Whether it is for a user's own sign-in alone, not for API tokens. */
    session?: boolean
    /** Whether it is for those as well whose password the bridge made, and who have to choose another one first. */
    passwordMade?: boolean
    /** Whether the audit log has it; by default what changes something. `body`: with the body, secrets masked. */
    audit?: boolean | 'failures' | 'body'
    /** Whether the body is a file, which may take minutes to come. */
    upload?: boolean
    /** `fields`: errors have the keys of the documents for sign-in as well. */
    errorShape?: 'fields'
    /** The error codes that the route gives beyond those of all routes. */
    errors?: readonly ErrorCode[]
    /** The body as documented, where the one validated by schema is looser. */
    documentedBody?: unknown
  }

  interface FastifyRequest {
    /** Who asks; null on routes that are open. */
    identity: Identity | null
    /** What the audit log should say. */
    note: AuditNote | null
  }

  interface FastifyReply {
    /** The code of the error that was answered with. */
    errorCode: ErrorCode | null
  }
}
