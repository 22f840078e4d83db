/** Prometheus metrics of MQTT. */
import type { BrokerCounts } from './broker/index.ts'
import type { MqttBridge } from './index.ts'

const one = (value: number) => [{ labels: {}, value }]

export function mqttMetrics(mqtt: Pick<MqttBridge, 'counters' | 'status'>) {
  const { received, sent, dropped, waiting, broker } = mqtt.counters()
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
      help: 'When that last changed, as Unix time.',
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
      help: 'MQTT messages that were of no use or could not be kept.',
      type: 'counter',
      samples: one(dropped),
    },
    {
      name: 'thermo2mqtt_mqtt_answers_waiting',
      help: 'Results of commands that the broker may not have read yet.',
      type: 'gauge',
      samples: one(waiting),
    },
    ...(broker ? brokerMetrics(broker) : []),
  ] as const
}

/** Metrics of the embedded broker. */
function brokerMetrics(broker: BrokerCounts) {
  const bytes = [
    ['retained', broker.retainedBytes],
    ['sessions', broker.queuedBytes],
    ['slow_readers', broker.backlogBytes],
    ['under_way', broker.underWayBytes],
    ['arriving', broker.arrivingBytes],
  ] as const
  return [
    {
      name: 'thermo2mqtt_broker_clients',
      help: 'Connections to the embedded MQTT broker, except those of the bridge.',
      type: 'gauge',
      samples: one(broker.clients),
    },
    {
      name: 'thermo2mqtt_broker_subscriptions',
      help: 'Subscriptions at the embedded MQTT broker, except those of the bridge.',
      type: 'gauge',
      samples: one(broker.subscriptions),
    },
    {
      name: 'thermo2mqtt_broker_retained_messages',
      help: 'Messages retained by the embedded MQTT broker.',
      type: 'gauge',
      samples: one(broker.retained),
    },
    {
      name: 'thermo2mqtt_broker_held_bytes',
      help: 'Bytes in the embedded MQTT broker: retained messages, messages for absent clients and slow readers, in delivery, and partly received.',
      type: 'gauge',
      samples: bytes.map(([what, value]) => ({ labels: { what }, value })),
    },
    {
      name: 'thermo2mqtt_broker_refused_total',
      help: 'Refusals of the embedded MQTT broker, by reason.',
      type: 'counter',
      samples: [...broker.refused].map(([reason, value]) => ({ labels: { reason }, value })),
    },
  ] as const
}
