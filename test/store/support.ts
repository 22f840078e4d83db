import type { Test } from 'tap'
import { createLogger, type Logger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { FakeClock } from '../support/fake-clock.ts'

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

export interface LogBook {
  readonly logger: Logger
  readonly secrets: SecretValues
  readonly lines: LogLine[]
  /** The lines that tell of something wrong. */
  problems(): LogLine[]
  /** Everything written so far, as text. */
  text(): string
}

/** A logger that keeps its lines, at level trace. */
export function logBook(): LogBook {
  const lines: LogLine[] = []
  const secrets = new SecretValues()
  const logger = createLogger({ level: 'trace', secrets, write: (line) => lines.push(JSON.parse(line)) })
  const problems = () => lines.filter(({ level }) => level === 'warn' || level === 'error')
  return { logger, secrets, lines, problems, text: () => lines.map((line) => JSON.stringify(line)).join('\n') }
}

export interface OpenedStore {
  readonly store: Store
  readonly clock: FakeClock
  readonly log: LogBook
}

/** Opens a store in `dataDir` and closes it with the test. */
export function open(
  t: Test,
  dataDir: string,
  options: { keyFile?: string; clock?: FakeClock; evenUnwritable?: boolean } = {},
): OpenedStore {
  const log = logBook()
  const clock = options.clock ?? new FakeClock()
  const { logger, secrets } = log
  const store = openStore({ ...options, dataDir, clock, logger, secrets })
  t.teardown(() => store.close())
  return { store, clock, log }
}

export const SERIAL = '404CCAAAD4E8A89860609800000149'
export const KEY = 'AAD4EXAJX4E8A8XT'
