/**
 * The schema, one step per entry; the number of steps applied is the file's `user_version`. A step that has been released
 * is never edited: a change is a further step.
 *
 * Columns named `…_sealed` hold what `Vault.seal` made; everything else is readable by whoever reads the file.
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
]

/** Every sealed column, to count what the master key at hand cannot open. */
export const SEALED_COLUMNS = [
  { table: 'device_keys', column: 'key_sealed', what: 'device keys' },
  { table: 'account_sessions', column: 'session_sealed', what: 'account sessions' },
  { table: 'secret_values', column: 'value_sealed', what: 'other secrets' },
] as const
