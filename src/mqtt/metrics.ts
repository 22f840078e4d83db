/** What MQTT has to say to Prometheus. */
import type { MqttBridge } from './index.ts'

export function mqttMetrics({ received, sent, dropped }: ReturnType<MqttBridge['counters']>) {
  const directions = [
    { labels: { direction: 'in' }, value: received },
    { labels: { direction: 'out' }, value: sent },
  ]
  return [
    { name: 'thermo2mqtt_mqtt_messages_total', help: 'MQTT messages', type: 'counter', samples: directions },
    {
      name: 'thermo2mqtt_mqtt_dropped_total',
      help: 'MQTT messages without use, or that could not be kept',
      type: 'counter',
      samples: [{ labels: {}, value: dropped }],
    },
  ] as const
}
