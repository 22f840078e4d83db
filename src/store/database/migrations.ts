/**
 * The schema, one step per entry; the number of steps applied is the file's `user_version`. A released step is never edited: a
 * change is a new step.
 *
 * Columns named `…_sealed` contain the output of `Vault.seal`; everything else can be read by anyone with the file.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE devices (
    serial       TEXT PRIMARY KEY,
    hw           TEXT,
    name         TEXT,
    host         TEXT,
    port         INTEGER,
    counter_base TEXT CHECK (counter_base IN ('2000', 'unix')),
    learned      TEXT NOT NULL,
    features     TEXT NOT NULL,
    sources      TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE device_keys (
    serial        TEXT NOT NULL,
    source        TEXT NOT NULL,
    key_sealed    BLOB NOT NULL,
    first_seen    INTEGER NOT NULL,
    last_accepted INTEGER,
    PRIMARY KEY (serial, source)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE account_sessions (
    account        TEXT PRIMARY KEY,
    provider       TEXT NOT NULL,
    identity       TEXT NOT NULL,
    session_sealed BLOB NOT NULL,
    updated        INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE plain_values (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE secret_values (
    name         TEXT PRIMARY KEY,
    value_sealed BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE users (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password        TEXT,
    totp_sealed     BLOB,
    totp_active     INTEGER NOT NULL DEFAULT 0,
    totp_step       INTEGER NOT NULL DEFAULT 0,
    created         INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash    BLOB NOT NULL,
    PRIMARY KEY (user_id, hash)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE user_addresses (
    user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address   TEXT NOT NULL,
    last_used INTEGER NOT NULL,
    PRIMARY KEY (user_id, address)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE user_sessions (
    id             TEXT PRIMARY KEY,
    user_id        INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    family         BLOB NOT NULL,
    access         BLOB NOT NULL UNIQUE,
    access_expires INTEGER NOT NULL,
    refresh        BLOB NOT NULL,
    expires        INTEGER NOT NULL,
    created        INTEGER NOT NULL,
    last_used      INTEGER NOT NULL,
    address        TEXT NOT NULL,
    user_agent     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE api_tokens (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    scopes     TEXT NOT NULL,
    created    INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires    INTEGER,
    last_used  INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    who     TEXT,
    via     TEXT NOT NULL,
    address TEXT,
    action  TEXT NOT NULL,
    target  TEXT,
    details TEXT,
    outcome TEXT NOT NULL
  ) STRICT;

  CREATE INDEX audit_strangers ON audit (id) WHERE via = 'none';
  `,
  `
  CREATE TABLE energy (
    serial           TEXT PRIMARY KEY,
    watt_hours       REAL NOT NULL CHECK (watt_hours >= 0),
    error_watt_hours REAL NOT NULL CHECK (error_watt_hours >= 0),
    on_seconds       REAL NOT NULL CHECK (on_seconds >= 0)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Always empty: whether there is room is found out here.
  CREATE TABLE room (filler BLOB NOT NULL) STRICT;
  `,
  `
  CREATE TABLE boosts (
    serial    TEXT PRIMARY KEY,
    started   INTEGER NOT NULL,
    ends      INTEGER NOT NULL,
    key       TEXT NOT NULL,
    setpoints TEXT NOT NULL,
    before    TEXT NOT NULL,
    period    INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What was set on the page: a value is JSON, and sealed when it is a secret.
  CREATE TABLE settings (
    key          TEXT PRIMARY KEY,
    value        TEXT,
    value_sealed BLOB,
    CHECK ((value IS NULL) != (value_sealed IS NULL))
  ) STRICT, WITHOUT ROWID;

  -- What stood there before a change with which the bridge has not started yet; without any value when nothing did.
  CREATE TABLE settings_before (
    key          TEXT PRIMARY KEY,
    value        TEXT,
    value_sealed BLOB
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE given_names (
    serial TEXT PRIMARY KEY,
    name   TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    type    TEXT NOT NULL,
    serial  TEXT,
    account TEXT,
    message TEXT NOT NULL,
    details TEXT
  ) STRICT;

  CREATE INDEX events_of_device ON events (serial, id);
  `,
  `
  -- Whether the bridge made the password. Of one that nobody has signed in with yet this is known of admin.
  ALTER TABLE users ADD COLUMN password_made INTEGER NOT NULL DEFAULT 0;
  UPDATE users SET password_made = 1
    WHERE name = 'admin' AND password IS NOT NULL AND id NOT IN (SELECT user_id FROM user_addresses);
  `,
  `
  -- The address that took a signed command last.
  ALTER TABLE devices ADD COLUMN proven_host TEXT;
  ALTER TABLE devices ADD COLUMN proven_port INTEGER;
  `,
  `
  ALTER TABLE devices ADD COLUMN firmware TEXT;
  `,
  `
  -- The key that a source gave before, for as long as the device has not accepted the present one.
  ALTER TABLE device_keys ADD COLUMN previous_sealed BLOB;
  ALTER TABLE device_keys ADD COLUMN previous_seen INTEGER;
  ALTER TABLE device_keys ADD COLUMN previous_accepted INTEGER;
  `,
  `
  -- A room is there as long as a device is in it.
  CREATE TABLE device_rooms (
    serial TEXT PRIMARY KEY,
    room   TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE room_order (
    room  TEXT PRIMARY KEY,
    place INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Modes of the whole house (scope is empty) and of rooms.
  CREATE TABLE house_modes (
    scope TEXT PRIMARY KEY,
    mode  TEXT NOT NULL,
    until INTEGER
  ) STRICT, WITHOUT ROWID;

  -- What each device was asked, and what it held before and after: JSON.
  CREATE TABLE house_devices (
    serial  TEXT PRIMARY KEY,
    mode    TEXT NOT NULL,
    until   INTEGER,
    outcome TEXT NOT NULL,
    kept    TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Users so far may do everything.
  ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'administer'
    CHECK (role IN ('look', 'control', 'administer'));

  -- The user who made a token; null for one who is no user of the bridge.
  ALTER TABLE api_tokens ADD COLUMN maker INTEGER;
  UPDATE api_tokens SET maker = (SELECT id FROM users WHERE users.name = api_tokens.created_by);
  `,
  `
  -- Whether the user has chosen to stay signed in; those so far last as long.
  ALTER TABLE user_sessions ADD COLUMN stays INTEGER NOT NULL DEFAULT 1;

  -- Why sessions ended, for whoever still has their tokens.
  CREATE TABLE ended_sessions (
    id     TEXT PRIMARY KEY,
    family BLOB NOT NULL,
    reason TEXT NOT NULL,
    at     INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- For the age of entries about commands, which have limits of their own.
  CREATE INDEX events_of_commands ON events (at) WHERE type IN ('command', 'command_failed', 'changed_at_device');
  `,
]

/**
 * Every sealed column, with the columns that identify its record in sealing order: to count what the present master key can't
 * open, and to reseal for another one.
 */
export const SEALED_COLUMNS = [
  { table: 'device_keys', column: 'key_sealed', what: 'device keys', key: ['serial', 'source'] },
  { table: 'device_keys', column: 'previous_sealed', what: 'former device keys', key: ['serial', 'source'] },
  { table: 'account_sessions', column: 'session_sealed', what: 'account sessions', key: ['account'] },
  { table: 'secret_values', column: 'value_sealed', what: 'other secrets', key: ['name'] },
  { table: 'users', column: 'totp_sealed', what: 'second factors of users', key: ['id'] },
  { table: 'settings', column: 'value_sealed', what: 'secrets set on the page', key: ['key'] },
] as const

/**
 * What backups leave out: sign-ins, which may have been ended since; the settings before a change in progress; and the values
 * to restore after a boost or a mode of the house, which are over by then.
 */
export const TRANSIENT_TABLES = [
  'user_sessions',
  'ended_sessions',
  'settings_before',
  'boosts',
  'house_modes',
  'house_devices',
  'room',
] as const
