/** A bridge in a process of its own, for a test to kill. */
import { makeBridge } from './support.ts'

const [, , url = ''] = process.argv
await makeBridge({ url: [url] }).mqtt.start()
