import type { NativeMqtt } from './index.ts'

/** Prometheus metrics of the devices' own messages; none if the bridge does not listen to them. */
export function nativeMetrics(counters: ReturnType<NativeMqtt['counters']> | undefined) {
  const refused = [...(counters?.refused ?? [])].map(([result, value]) => ({ labels: { result }, value }))
  const taken = counters ? [{ labels: { result: 'taken' }, value: counters.taken }] : []
  const help = 'Messages that devices publish over MQTT themselves'
  return [
    { name: 'thermo2mqtt_native_messages_total', help, type: 'counter', samples: [...taken, ...refused] },
  ] as const
}
