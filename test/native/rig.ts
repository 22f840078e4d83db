/** A virtual unit that publishes, and the bridge at the other end, with a clock that stands still until told. */
import type { NativeMqttOptions } from '../../src/native/index.ts'
import { NativeMqtt } from '../../src/native/index.ts'
import { type Rig, startRegistry } from '../devices/rig.ts'
import { silent } from '../devices/support.ts'
import { FakePort } from '../homeassistant/manager/fake-port.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { startThermostat, type Teardown } from '../support/simulator.ts'

/**
 * @param ignores names of topics on which the unit takes no command
 * @param located whether the bridge knows its address
 */
export async function startPublisher(
  t: Teardown,
  model: 'ax' | 'az' | 'oz',
  options: { readonly ignores?: ReadonlySet<string>; readonly located?: boolean; readonly lock?: 'lan' | 'none' } = {},
) {
  const clock = new FakeClock()
  const { located = true, lock = 'none', ignores = new Set() } = options
  const unit = await startThermostat(t, { clock, model, lock, airSensor: true })
  const mqtt = new FakePort()
  mqtt.connected = true
  const rig: { registry?: Rig['registry'] } = {}
  const registry = (): Rig['registry'] => {
    if (!rig.registry) throw new Error('not started yet')
    return rig.registry
  }
  const devices: NativeMqttOptions['devices'] = {
    get events() {
      return registry().events
    },
    knows: (serial) => registry().knows(serial),
    published: (serial, message) => registry().published(serial, message),
  }
  const native = new NativeMqtt({
    topics: { patterns: ['welrok/{serial}'], commandPattern: null, devices: [] },
    ...{ commands: 'mqtt', devices, mqtt, clock, logger: silent },
  })
  const wrap: NativeMqtt['wrap'] = (lan, owner) => native.wrap(lan, owner)
  const started = startRegistry(t, unit, { clock, hw: model, wrap, located })
  rig.registry = started.registry
  native.start()
  t.teardown(() => native.stop())
  /** What the bridge has published, without the base of the topic. */
  const told = (name: string): readonly string[] =>
    mqtt.sent.filter(({ topic }) => topic.endsWith(`/set/${name}`)).map(({ payload }) => payload)
  const publishing = () =>
    unit.startPublishing({
      ...{ url: '', publishPrefix: 'welrok', ignores },
      dial: (hear) => ({
        subscribe: (filter) => mqtt.subscribe(filter.replace('#', '+'), (topic, payload) => hear(topic, `${payload}`)),
        publish: (topic, payload) => mqtt.receive(topic, payload),
        endAsync: async () => {},
      }),
    })
  return { ...started, clock, unit, mqtt, told, publishing }
}
