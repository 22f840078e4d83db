/**
 * The schema of `history.db`, one step per entry, as in `migrations.ts`. Numbers are whole ones, in parts of the unit that
 * `history.ts` says, because they take two or three bytes and a real takes eight. A device has a short number in place of
 * its serial for the same reason. The rows of one device and step lie side by side, in order of time.
 */
export const HISTORY_MIGRATIONS: readonly string[] = [
  `
  -- Always empty: whether there is room is found out here.
  CREATE TABLE room (filler BLOB NOT NULL) STRICT;

  CREATE TABLE history_devices (
    id     INTEGER PRIMARY KEY,
    serial TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE history (
    device                  INTEGER NOT NULL,
    step                    INTEGER NOT NULL,
    at                      INTEGER NOT NULL,
    known                   INTEGER NOT NULL,
    current_temperature     INTEGER,
    current_temperature_min INTEGER,
    current_temperature_max INTEGER,
    target_temperature      INTEGER,
    floor_temperature       INTEGER,
    floor_temperature_min   INTEGER,
    floor_temperature_max   INTEGER,
    air_temperature         INTEGER,
    air_temperature_min     INTEGER,
    air_temperature_max     INTEGER,
    load                    INTEGER,
    power                   INTEGER,
    energy                  INTEGER,
    voltage                 INTEGER,
    voltage_min             INTEGER,
    voltage_max             INTEGER,
    PRIMARY KEY (device, step, at)
  ) STRICT, WITHOUT ROWID;
  `,
]
