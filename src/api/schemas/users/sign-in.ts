/** The shapes of sign-in, second factor, sessions, API tokens and audit log. */
import type { Static, TProperties } from 'typebox'
import * as Type from 'typebox'
import { AUDIT_PAGE, ROLES, type Role, SCOPES, type Scope, VIAS, type Via } from '../../auth/ports.ts'

type SignInSchemas = ReturnType<typeof signInSchemas>

/** What `POST /login` answers: tokens, or the way to the second step. */
export type LoginAnswer = Static<SignInSchemas['loggedIn']>
export type VerifyAnswer = Static<SignInSchemas['verified']>
export type RefreshAnswer = Static<SignInSchemas['refreshed']>
/** Whether Home Assistant has signed somebody in, as `GET /login/ways` says. */
export type WaysIn = Static<SignInSchemas['waysIn']>
/** Who is signed in, as `GET /me` says. */
export type Me = Static<SignInSchemas['me']>
export type TotpSetupAnswer = Static<SignInSchemas['totpSetup']>
export type TotpActivateAnswer = Static<SignInSchemas['totpActivated']>
export type SessionJson = Static<SignInSchemas['session']>
export type ApiTokenJson = Static<SignInSchemas['apiToken']>
/** The only answer that ever shows the token itself. */
export type NewApiTokenAnswer = Static<SignInSchemas['madeApiToken']>
export type AuditEntryJson = Static<SignInSchemas['auditEntry']>
/** Error answers of these routes: the common shape, plus the one from the documents they follow. */
export type SignInError = Static<SignInSchemas['signInError']>

const RECOVERY_CODES = ['b3xk-9wqe', 'd8mn-2vtz', 'f4qp-7hcy', 'g6rw-3jsb', 'h9zt-5knd'].flatMap((code) => [
  code,
  [...code].reverse().join(''),
])

/** A body without any other fields. */
const strict = <Properties extends TProperties>(properties: Properties, more: { examples?: unknown[] } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...more })

const name = (description: string) => Type.String({ minLength: 1, maxLength: 64, description })
const code = () =>
  Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'Six digits from the authenticator app, or a recovery code. Each works once.',
  })

const time = () => Type.String({ format: 'date-time' })

/** Made for each server. */
export function signInSchemas() {
  const tokens = tokensSchema()
  return {
    tokens,
    ...sessionSchemas(),
    ...apiTokenSchemas(),
    ...auditSchemas(),
    ...loginSchemas(tokens),
    password: strict({
      current: Type.String({ minLength: 1, maxLength: 1024 }),
      new: Type.String({ minLength: 8, maxLength: 256 }),
    }),
    waysIn: waysInSchema(),
    me: meSchema(),
    ...totpSchemas(),
    signInError: errorSchema(),
  }
}

function tokensSchema() {
  return Type.Object(
    {
      access: Type.String({ description: 'For "Authorization: Bearer"; valid for 15 minutes.' }),
      refresh: Type.String({
        description:
          'Gets the next pair, once. For ten seconds it gets the same pair again from the same address, should the answer have ' +
          'been lost; after that it ends the whole session. Valid for 30 days, or 12 hours without `stay`. When the session is over, ' +
          'details.reason of the error says why.',
      }),
    },
    { $id: 'Tokens' },
  )
}

/** The two steps of a sign-in, and its renewal. */
function loginSchemas(tokens: ReturnType<typeof tokensSchema>) {
  return {
    login: strict({
      username: Type.String({ minLength: 1, maxLength: 254 }),
      password: Type.String({ minLength: 1, maxLength: 1024 }),
      stay: Type.Optional(
        Type.Boolean({
          description:
            'Whether to stay signed in for 30 days after the last use; so it is when left out. Otherwise it is 12 hours.',
        }),
      ),
    }),
    loggedIn: Type.Union([
      Type.Object({ message: Type.Literal('Login successful'), token: tokens }),
      Type.Object(
        {
          message: Type.Literal('Enter the code of your authenticator app'),
          temp_token: Type.String({ description: 'For the second step; valid for 5 minutes and 5 attempts.' }),
          _links: Type.Object({
            href: Type.Literal('/api/v1/auth/totp/verify/'),
            method: Type.Literal('POST'),
            body: Type.Object({ token: Type.Object({ type: Type.Literal('str') }) }),
          }),
        },
        { description: 'Answer with a second factor.' },
      ),
    ]),
    verify: strict({ temp_token: Type.String({ minLength: 1, maxLength: 128 }), token: code() }),
    verified: Type.Object({ key: Type.String({ description: 'The access token.' }), token: tokens }),
    refresh: strict({ refresh: Type.String({ minLength: 1, maxLength: 256 }) }),
    refreshed: Type.Object({ token: tokens }),
  }
}

function waysInSchema() {
  return Type.Object({
    ingress: Type.Union([Type.Object({ name: Type.String() }), Type.Null()], {
      description:
        'Who is signed in at Home Assistant, when the request comes through its ingress. Requests with "Authorization: Ingress" ' +
        'are then made in that name.',
    }),
  })
}

function meSchema() {
  return Type.Object(
    {
      name: Type.String(),
      via: Type.Unsafe<'session' | 'ingress' | 'token'>(Type.Enum(['session', 'ingress', 'token'])),
      role: Type.Union([Type.Unsafe<Role>(Type.Enum([...ROLES])), Type.Null()], {
        description: 'look: sees; control: also commands devices; administer: everything. null for an API token.',
      }),
      scopes: Type.Array(Type.Unsafe<Scope>(Type.Enum([...SCOPES]))),
      user: Type.Union(
        [
          Type.Object({
            totp: Type.Boolean({ description: 'Whether a code is asked for at sign-in.' }),
            recovery_codes_left: Type.Integer({ minimum: 0 }),
            password_made: Type.Boolean({
              description:
                'Whether the bridge made the password. Then only this route, POST /password and POST /logout are open.',
            }),
            password_fixed: Type.Boolean({
              description:
                'Whether the configuration sets the password (api.admin_password), so that it cannot be changed here.',
            }),
          }),
          Type.Null(),
        ],
        { description: 'null for an API token, and for somebody whom Home Assistant has signed in.' },
      ),
    },
    { $id: 'Me' },
  )
}

/** The second factor: set up and turned off. */
function totpSchemas() {
  return {
    totpSetup: Type.Object({
      secret_key: Type.String({ description: 'Base32.' }),
      provisioning_uri: Type.String({ description: 'otpauth://, to be shown as a QR code: 6 digits, 30 s, SHA-1.' }),
    }),
    totpActivate: strict({ token: code() }),
    totpActivated: Type.Object({
      recovery_codes: Type.Array(Type.String(), { minItems: 10, maxItems: 10, examples: [RECOVERY_CODES] }),
    }),
    totpDeactivate: strict({ password: Type.String({ minLength: 1, maxLength: 1024 }), token: code() }),
  }
}

function sessionSchemas() {
  const session = Type.Object(
    {
      id: Type.String(),
      user: Type.String(),
      created: time(),
      last_used: Type.String({ format: 'date-time', description: 'When its tokens were last renewed.' }),
      expires: time(),
      address: Type.String({ description: 'The address it last came from.' }),
      user_agent: Type.String({ description: 'The name that the program gave itself; it can be anything.' }),
      stays: Type.Boolean({ description: 'Whether the user has chosen to stay signed in.' }),
      current: Type.Boolean({ description: 'Whether this request belongs to it.' }),
    },
    { $id: 'Session' },
  )
  return {
    session,
    sessions: Type.Object({ sessions: Type.Array(session) }),
    sessionParams: Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }) }),
  }
}

function apiTokenSchemas() {
  const scopes = Type.Array(Type.Unsafe<Scope>(Type.Enum([...SCOPES])), { minItems: 1, maxItems: 3, uniqueItems: true })
  const apiTokenFields = {
    id: Type.String(),
    name: Type.String(),
    role: Type.Union([Type.Unsafe<Role>(Type.Enum([...ROLES])), Type.Null()], {
      description: 'The role with just these scopes; null if there is none.',
    }),
    scopes,
    created: time(),
    created_by: Type.String(),
    expires: Type.Union([time(), Type.Null()]),
    last_used: Type.Union([time(), Type.Null()], { description: 'To the minute.' }),
  }
  const apiToken = Type.Object(apiTokenFields, { $id: 'ApiToken' })
  return {
    apiToken,
    apiTokens: Type.Object({ tokens: Type.Array(apiToken) }),
    tokenParams: Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }) }),
    newApiToken: strict(
      {
        name: name('Its purpose.'),
        role: Type.Optional(
          Type.Unsafe<Role>(Type.Enum([...ROLES], { description: 'In place of scopes: all those of the role.' })),
        ),
        scopes: Type.Optional(scopes),
        expires: Type.Optional(
          Type.Union([Type.String({ maxLength: 40, format: 'date-time' }), Type.Null()], {
            description: 'When it expires; never, if left out.',
          }),
        ),
      },
      { examples: [{ name: 'Prometheus', role: 'look' }] },
    ),
    madeApiToken: Type.Object({
      ...apiTokenFields,
      token: Type.String({ description: 'The token, shown only once: t2m_ and 43 characters.' }),
    }),
  }
}

function auditSchemas() {
  const auditEntry = Type.Object(
    {
      id: Type.Integer(),
      at: time(),
      who: Type.Union([Type.String(), Type.Null()], {
        description: 'The user, or the API token as token:<name>; null when nobody was signed in.',
      }),
      via: Type.Unsafe<Via>(Type.Enum([...VIAS])),
      address: Type.Union([Type.String(), Type.Null()]),
      action: Type.String({ description: 'The operation, as its operationId in this document.' }),
      target: Type.Union([Type.String(), Type.Null()], { description: 'Serial, account, session or token.' }),
      details: Type.Union([Type.String(), Type.Null()], { description: 'JSON, shortened if it is long.' }),
      outcome: Type.String({ description: 'ok, or the code of the error.' }),
    },
    { $id: 'AuditEntry' },
  )
  return {
    auditEntry,
    auditQuery: strict({
      limit: Type.Optional(
        Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: `1 to 999; ${AUDIT_PAGE} without it.` }),
      ),
      before: Type.Optional(
        Type.String({ pattern: '^[1-9][0-9]{0,14}$', description: 'Only entries with a smaller id.' }),
      ),
    }),
    audit: Type.Object({
      entries: Type.Array(auditEntry, { description: 'The newest first.' }),
      next: Type.Union([Type.Integer(), Type.Null()], { description: 'Value for before to read on; null at the end.' }),
    }),
  }
}

/** The common shape of errors, plus the one from the documents that these routes follow. */
function errorSchema() {
  const texts = Type.Array(Type.String())
  return Type.Object(
    {
      error: Type.Object({
        code: Type.String(),
        message: Type.String(),
        details: Type.Optional(Type.Object({}, { additionalProperties: true })),
      }),
      code: Type.String({ description: 'The same code.' }),
      detail: Type.Optional(Type.String({ description: 'Statuses 401, 403, 429 and 500.' })),
      non_field_errors: Type.Optional(texts),
    },
    {
      $id: 'SignInError',
      additionalProperties: texts,
      description: 'A wrong field appears here under its name, with a list of texts that say what is wrong.',
    },
  )
}
