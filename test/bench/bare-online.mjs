/** The least that says `online` on MQTT. Plain JavaScript, as the built bridge is. */
import { enableCompileCache } from 'node:module'

enableCompileCache()

const { connect } = await import('mqtt')
const [, , url = '', topic = ''] = process.argv
const client = connect(url, { protocolVersion: 5 })
client.on('connect', () => client.publish(topic, 'online', { qos: 1, retain: true }))
process.on('SIGTERM', () => process.exit(0))
