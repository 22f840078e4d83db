import { BridgeError } from '../core/errors.ts'

/**
 * A setting is missing or wrong. The message is one line that names the setting, the source of its value and what is
 * allowed. It never contains the value of a secret. The program ends with exit code 2.
 */
export class SettingsError extends Error {
  /** The setting at fault, such as `cloud.accounts[0].password`, if it is a single one. */
  readonly key: string | undefined

  constructor(message: string, key?: string) {
    super(oneLine(message))
    this.name = 'SettingsError'
    this.key = key
  }
}

/** A setting without a default is missing. */
export class MissingSetting extends SettingsError {
  override readonly key: string

  constructor(key: string, message: string) {
    super(message, key)
    this.key = key
  }
}

/** Why a value was refused. The loader adds the setting and the source of the value. */
export class Refusal extends Error {
  /** True if the reason explains itself and the value should not be repeated. */
  readonly quiet: boolean

  constructor(reason: string, options: { quiet?: boolean } = {}) {
    super(reason)
    this.name = 'Refusal'
    this.quiet = options.quiet ?? false
  }
}

/**
 * What `build` makes from the settings, not running yet: a refusal means that the settings are wrong.
 * @throws SettingsError; whatever else `build` throws
 */
export function fromSettings<T>(build: () => T): T {
  try {
    return build()
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'BAD_REQUEST') throw new SettingsError(error.message)
    throw error
  }
}

/** Names of files and variables can contain anything; they must not send control sequences to a terminal or a log. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}
