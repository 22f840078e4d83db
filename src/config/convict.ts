import convict from 'convict'
import type { Section, Values } from './setting.ts'

/**
 * Puts `values` over the defaults of `schema` and returns the whole, checked by convict: nothing undeclared, nothing
 * missing, every format kept. The loader has said in its own words what is wrong with a value before it comes here,
 * and has read the environment itself: convict turns text into numbers and booleans without complaint.
 */
export function fitSchema<S extends Section>(schema: S, values: unknown): Values<S> {
  const config = convict<Values<S>>(schema as convict.Schema<Values<S>>, { env: {}, args: [] })
  config.load(values)
  try {
    config.validate({ allowed: 'strict' })
  } catch (error) {
    // convict adds the value to its message, and a value can hold passwords.
    const [message] = String(error).split(/: value was|\n/)
    throw new Error(`The settings do not fit their schema: ${message}`)
  }
  return config.getProperties()
}
