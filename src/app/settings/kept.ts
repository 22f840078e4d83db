/** What was set on the page, read from the store before anything else has it open. */
import {
  type Kept,
  type KeptSettings,
  type LoadOptions,
  loadSettings,
  SettingsError,
  type StorePlace,
} from '../../config/index.ts'
import type { Clock } from '../../core/clock.ts'
import { asBridgeError } from '../../core/errors.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { createLogger } from '../../core/logging/logger.ts'
import { SecretValues } from '../../core/logging/secrets.ts'
import { openSettings } from '../../store/settings.ts'

/**
 * The settings in force, of every source.
 * @throws SettingsError for what is wrong elsewhere than on the page
 */
export function loadEffective(clock: Clock, options: Omit<LoadOptions, 'page'>) {
  return loadSettings({ ...options, page: async (place) => keptIn(place, clock) })
}

/** As `loadEffective`; `kept`, when given, stands in for what the store holds of the page. */
export function loadWith(clock: Clock, options: Omit<LoadOptions, 'page'>, kept: Kept | undefined) {
  if (!kept) return loadEffective(clock, options)
  return loadSettings({ ...options, page: async () => ({ values: kept, warnings: [] }) })
}

/** A store that can't be read is a reason to warn, and for nothing else: whoever needs it finds out by itself. */
function keptIn({ dataDir, keyFile }: StorePlace, clock: Clock): KeptSettings {
  const warnings: string[] = []
  // What is in force goes to the log's list of secrets with all other settings; these are only read.
  const secrets = new SecretValues()
  const logger = createLogger({ level: 'warn', secrets, write: (line) => warnings.push(messageOf(line)) })
  const at = { dataDir, keyFile: keyFile ?? undefined }
  try {
    const opened = openSettings({ ...at, clock, logger, secrets, evenUnwritable: true })
    if (!opened) return { values: new Map(), warnings }
    try {
      return { values: opened.settings.all(), warnings }
    } finally {
      opened.close()
    }
  } catch (error) {
    const why = error instanceof SettingsError ? error.message : asBridgeError(error).message
    return { values: new Map(), warnings: [...warnings, `What was set on the page is not in force: ${why}`] }
  }
}

function messageOf(line: string): string {
  const entry = parseJson(line)
  return isObject(entry) && typeof entry.msg === 'string' ? entry.msg : line
}
