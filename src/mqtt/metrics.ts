/** What MQTT has to say to Prometheus. */
import type { MqttBridge } from './index.ts'

const one = (value: number) => [{ labels: {}, value }]

export function mqttMetrics(mqtt: Pick<MqttBridge, 'counters' | 'status'>) {
  const { received, sent, dropped, waiting } = mqtt.counters()
  const { connected, since } = mqtt.status()
  return [
    {
      name: 'thermo2mqtt_mqtt_connected',
      help: 'Whether the bridge is connected to an MQTT broker.',
      type: 'gauge',
      samples: one(Number(connected)),
    },
    {
      name: 'thermo2mqtt_mqtt_connection_changed_timestamp_seconds',
      help: 'When that changed last, as Unix time.',
      type: 'gauge',
      samples: one(since / 1000),
    },
    {
      name: 'thermo2mqtt_mqtt_messages_published_total',
      help: 'MQTT messages sent.',
      type: 'counter',
      samples: one(sent),
    },
    {
      name: 'thermo2mqtt_mqtt_messages_received_total',
      help: 'MQTT messages received.',
      type: 'counter',
      samples: one(received),
    },
    {
      name: 'thermo2mqtt_mqtt_messages_dropped_total',
      help: 'MQTT messages without use, or that could not be kept.',
      type: 'counter',
      samples: one(dropped),
    },
    {
      name: 'thermo2mqtt_mqtt_answers_waiting',
      help: 'Results of commands that the broker may not have read yet.',
      type: 'gauge',
      samples: one(waiting),
    },
  ] as const
}
