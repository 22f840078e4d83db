/**
 * A setting is missing or wrong. The message is one line that names the setting, where its value came from and what is
 * allowed, and never holds the value of a secret. The program ends with exit code 2.
 */
export class SettingsError extends Error {
  /** The setting that is at fault, such as `cloud.accounts[0].password`, when it is a single one. */
  readonly key: string | undefined

  constructor(message: string, key?: string) {
    super(oneLine(message))
    this.name = 'SettingsError'
    this.key = key
  }
}

/** A setting without default was not given. */
export class MissingSetting extends SettingsError {
  override readonly key: string

  constructor(key: string, message: string) {
    super(message, key)
    this.key = key
  }
}

/** Why a value was not taken, without saying of which setting: the loader knows that and where the value came from. */
export class Refusal extends Error {
  /** True when the reason stands for itself and the value is better not repeated. */
  readonly quiet: boolean

  constructor(reason: string, options: { quiet?: boolean } = {}) {
    super(reason)
    this.name = 'Refusal'
    this.quiet = options.quiet ?? false
  }
}

/** Names of files and variables can hold anything; a terminal or a log must not take orders from them. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}
