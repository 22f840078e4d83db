/** A process that holds the virtual devices. */
import { subscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import { SystemClock } from '../../src/core/clock.ts'
import { VirtualHouse } from '../../src/simulator/index.ts'
import { instant, numberIn, serve, tell, textIn } from './rpc.ts'

let house: VirtualHouse | undefined

/** When the first bytes of the latest request were there. */
let arrived = 0
let requests = 0
subscribe('http.server.request.start', () => {
  arrived = instant()
  requests++
})

serve({
  /**
   * Opens a house of AX, the last `unlocked` of which take unsigned commands. They are never busy, since how long a device
   * wants to be left alone is not what is measured.
   */
  async open(argument) {
    await house?.stop()
    const length = numberIn(argument, 'devices')
    const locked = length - numberIn(argument, 'unlocked')
    const thermostats = Array.from({ length }, (_, index) => ({
      model: 'ax',
      counterBase: '2000' as const,
      quirks: { minSpacing: 0 },
      lock: index < locked ? ('lan' as const) : ('none' as const),
    }))
    house = new VirtualHouse({ clock: new SystemClock(), addressing: 'ports', thermostats })
    const { thermostats: devices } = await house.start()
    return { devices: devices.map(({ serial, host, port, key }) => ({ serial, host, port, key })) }
  },

  /** From now on tells when each signed write arrived. */
  watch() {
    for (const thermostat of house?.thermostats ?? []) {
      thermostat.on('request', ({ signed, accepted }) => {
        if (signed) tell({ at: arrived, accepted })
      })
    }
    return {}
  },

  /** From now on every telemetry shows another temperature than the one before, so that each poll has news. */
  vary() {
    for (const thermostat of house?.thermostats ?? []) {
      let step = 0
      thermostat.on('request', () => {
        thermostat.device.thermal.floor = 20 + (++step % 8) / 16
      })
    }
    return {}
  },

  /** How many requests there were since the start. */
  count() {
    return { requests }
  },

  /** Opens a web server that answers everything with this text, and does nothing else. */
  async bare(argument) {
    const text = textIn(argument, 'text')
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
    const server = createServer({ keepAlive: true }, (request, response) => {
      request.resume().on('end', () => response.writeHead(200, headers).end(text))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (typeof address !== 'object' || !address) throw new Error('no port')
    return { port: address.port }
  },
})
