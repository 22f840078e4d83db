/** A process that is a cloud with many devices. */
import { SystemClock } from '../../src/core/clock.ts'
import { VirtualCloud } from '../../src/simulator/clouds/index.ts'
import { numberIn, serve, textIn } from './rpc.ts'

let cloud: VirtualCloud | undefined

serve({
  /** Opens the cloud of one account, which lists so many devices, in pages of so many. */
  async open(argument) {
    await cloud?.stop()
    const devices = Array.from({ length: numberIn(argument, 'devices') }, (_, index) => ({
      id: index + 1,
      sn: `C1${index.toString(16).toUpperCase().padStart(28, '0')}`,
      name: `Room ${index + 1}`,
      totp_key: `key-${index.toString().padStart(12, '0')}`,
    }))
    cloud = new VirtualCloud({
      vendor: 'terneo',
      clock: new SystemClock(),
      random: Math.random,
      accounts: [{ email: textIn(argument, 'email'), password: textIn(argument, 'password'), devices }],
      pageSize: numberIn(argument, 'page'),
    })
    await cloud.start()
    return { url: cloud.url }
  },
})
