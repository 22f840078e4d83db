import type { Datapoint, Model } from '../../catalog/index.ts'
import type { Locale } from '../../catalog/locales/index.ts'
import type { DeviceView } from '../../devices/ports.ts'
import type { Topics } from '../../mqtt/topics.ts'

/** What the components of one thermostat are made of. */
export interface DeviceContext {
  readonly view: DeviceView
  readonly model: Model
  /** The datapoints of the model. */
  readonly datapoints: readonly Datapoint[]
  readonly topics: Topics
  /** What the unique ids of its entities begin with. */
  readonly uid: string
  /** Of names and options; ids and topics are the same in each. */
  readonly locale: Locale
}
