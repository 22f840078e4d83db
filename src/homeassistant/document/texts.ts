/** The names of the bridge's own entities, besides those of catalog rows, in every language. */
import type { Locale } from '../../catalog/locales/index.ts'
import de from './texts/de.json' with { type: 'json' }
import en from './texts/en.json' with { type: 'json' }
import pl from './texts/pl.json' with { type: 'json' }
import ru from './texts/ru.json' with { type: 'json' }
import uk from './texts/uk.json' with { type: 'json' }

/** The event types for Home Assistant; the same in every language, since automations use them. */
export type EventType =
  | 'sensor_lost'
  | 'sensor_restored'
  | 'overheated'
  | 'cooled_down'
  | 'fault_began'
  | 'fault_ended'
  | 'unlocked'
  | 'cloud_locked'
  | 'lan_locked'
  | 'locked'
  | 'key_changed'
  | 'device_online'
  | 'device_offline'
  | 'command_waits'
  | 'command_failed'

/**
 * By subject. What `happened` is told in a few words, and as a sentence; for faults and failed commands without its end, since
 * more follows.
 */
export type EntityTexts = Readonly<Record<keyof typeof en, string>>

const TEXTS: Readonly<Record<Locale, EntityTexts>> = { en, uk, ru, pl, de }

export const textsOf = (locale: Locale): EntityTexts => TEXTS[locale]

/** What values are called, by value. */
export const wordsFor = <Name extends string>(
  names: readonly Name[],
  textOf: (name: Name) => string,
): Readonly<Record<string, string>> => Object.fromEntries(names.map((name) => [name, textOf(name)]))

export const filled = (text: string, id: string): string => text.replace('{id}', () => id)
