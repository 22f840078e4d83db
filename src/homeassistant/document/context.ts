import type { Datapoint, Model } from '../../catalog/index.ts'
import type { Locale } from '../../catalog/locales/index.ts'
import type { DeviceView } from '../../devices/ports.ts'
import type { Topics } from '../../mqtt/topics.ts'

/** The data from which the components of one thermostat are made. */
export interface DeviceContext {
  readonly view: DeviceView
  readonly model: Model
  /** The datapoints of the model. */
  readonly datapoints: readonly Datapoint[]
  readonly topics: Topics
  /** The prefix of its entities' unique ids. */
  readonly uid: string
  /** The language of names and options; ids and topics are the same in every language. */
  readonly locale: Locale
}
