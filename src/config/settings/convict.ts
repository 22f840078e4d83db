import convict from 'convict'
import type { Section, Values } from './setting.ts'

/**
 * Puts `values` over the defaults of `schema` and returns the result, checked by convict: nothing undeclared, nothing
 * missing, every format met. By then the loader has reported any wrong value in its own words. It reads the environment
 * itself, because convict converts text to numbers and booleans without strict checks.
 */
export function fitSchema<S extends Section>(schema: S, values: unknown): Values<S> {
  const config = convict<Values<S>>(schema as convict.Schema<Values<S>>, { env: {}, args: [] })
  try {
    config.load(values)
    config.validate({ allowed: 'strict' })
  } catch (error) {
    // convict puts the value into its message, and a value can contain passwords, so only the key is kept.
    const [, key = 'something'] = /^Error: (?:configuration param ')?([\w.]+)/.exec(String(error)) ?? []
    throw new Error(`The settings do not fit their schema at ${key}.`)
  }
  return config.getProperties()
}
