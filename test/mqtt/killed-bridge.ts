/** A bridge in a process of its own, for a test to kill. */
import { makeBridge } from './support.ts'

const [, , url = '', client_id = 'bridge-1'] = process.argv
const { mqtt, devices } = makeBridge({ url: [url], client_id })
devices.add()
await mqtt.start()
