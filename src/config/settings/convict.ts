import convict from 'convict'
import type { Section, Values } from './setting.ts'

/**
 * Puts `values` over the defaults of `schema` and returns the whole, checked by convict: nothing undeclared, nothing
 * missing, every format kept. The loader has said in its own words what is wrong with a value before it comes here,
 * and has read the environment itself: convict turns text into numbers and booleans without complaint.
 */
export function fitSchema<S extends Section>(schema: S, values: unknown): Values<S> {
  const config = convict<Values<S>>(schema as convict.Schema<Values<S>>, { env: {}, args: [] })
  try {
    config.load(values)
    config.validate({ allowed: 'strict' })
  } catch (error) {
    // convict puts the value into its message, and a value can hold passwords: only the key is kept.
    const [, key = 'something'] = /^Error: (?:configuration param ')?([\w.]+)/.exec(String(error)) ?? []
    throw new Error(`The settings do not fit their schema at ${key}.`)
  }
  return config.getProperties()
}
