import type { NativeMqtt } from './index.ts'

/** What Prometheus is told of the devices' own messages; nothing where they are not listened to. */
export function nativeMetrics(counters: ReturnType<NativeMqtt['counters']> | undefined) {
  const refused = [...(counters?.refused ?? [])].map(([result, value]) => ({ labels: { result }, value }))
  const taken = counters ? [{ labels: { result: 'taken' }, value: counters.taken }] : []
  const help = 'Messages that devices publish over MQTT by themselves'
  return [
    { name: 'thermo2mqtt_native_messages_total', help, type: 'counter', samples: [...taken, ...refused] },
  ] as const
}
