/** The settings of the page, read from the store before anything else opens it. */
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
 * The settings in force, from every source.
 * @throws SettingsError for a mistake anywhere but on the page
 */
export function loadEffective(clock: Clock, options: Omit<LoadOptions, 'page'>) {
  return loadSettings({ ...options, page: async (place) => keptIn(place, clock) })
}

/** Like `loadEffective`; `kept`, if given, replaces the page's settings in the store. */
export function loadWith(clock: Clock, options: Omit<LoadOptions, 'page'>, kept: Kept | undefined) {
  if (!kept) return loadEffective(clock, options)
  return loadSettings({ ...options, page: async () => ({ values: kept, warnings: [] }) })
}

/** A store that can't be read only causes a warning here: whoever needs the store reports the problem. */
function keptIn({ dataDir, keyFile }: StorePlace, clock: Clock): KeptSettings {
  const warnings: string[] = []
  // Secrets in force join the log's list of secrets with all other settings; these are only read.
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
    return { values: new Map(), warnings: [...warnings, `The settings of the page are not in force: ${why}`] }
  }
}

function messageOf(line: string): string {
  const entry = parseJson(line)
  return isObject(entry) && typeof entry.msg === 'string' ? entry.msg : line
}
