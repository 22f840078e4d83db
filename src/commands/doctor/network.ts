/** What the bridge listens on besides MQTT, and the clouds it calls. */
import type { AccountView } from '../../cloud/events.ts'
import { asBridgeError } from '../../core/errors.ts'
import { Discovery } from '../../lan/discovery/index.ts'
import { urlOf } from '../bridge/health.ts'
import { counted } from '../command.ts'
import { answerOf } from '../running/ask.ts'
import { whyNotListen } from '../running/ports.ts'
import { type Check, type Finding, fail, ok, warn } from './check.ts'

/** The port to which devices send their beacons. */
const BEACON_PORT = 23500

/** How far back, in ms, an unconfirmed device is still worth a line; it is reported once while that lasts. */
const RECENTLY = 7 * 24 * 60 * 60_000

export const api: Check = {
  name: 'REST and page',
  run: async ({ tools: { settings }, running }) => {
    const { host, port } = settings.api
    if (running?.here) {
      // The bridge itself names the address, with the port that it has got, once it has started.
      if (running.api === null) return [warn('the bridge is starting', 'ask again in a moment.')]
      const url = running.api
      if (await healthy(url)) return [ok(`the running bridge serves ${new URL(url).host}`)]
      return [fail(`the bridge runs, but does not answer at ${url}`, 'look at its log, and restart it.')]
    }
    const why = port === 0 ? undefined : await whyNotListen(host, port)
    if (why === undefined) return [ok(`${host}:${port} is free, so the bridge does not run now`)]
    if (why !== 'EADDRINUSE')
      return [fail(`the bridge can't listen on ${host}:${port} (${why})`, 'correct api.host or api.port.')]
    if (await healthy(urlOf(settings.api))) {
      return [
        warn(
          `another bridge serves ${host}:${port}, with another data folder`,
          'if you mean that one, name its data folder (--data_dir); otherwise give this one another api.port.',
        ),
      ]
    }
    return [fail(`another program uses ${host}:${port}`, 'give the bridge another api.port, or stop that program.')]
  },
}

async function healthy(url: string): Promise<boolean> {
  try {
    return (await answerOf(new URL('/healthz', url))).status === 200
  } catch {
    // Whatever is there is not a working bridge.
    return false
  }
}

export const discovery: Check = {
  name: 'Discovery',
  run: async ({ tools, store }) => {
    const { settings, clock, random, logger } = tools
    const { enabled, host, port } = settings.discovery
    if (!enabled)
      return [
        warn(
          'off: only devices with a configured host are found',
          'set discovery.enabled=true if this is not intended.',
        ),
      ]
    const socket = new Discovery({ host, port, timeout: settings.device.timeout, clock, random, logger })
    try {
      await socket.start()
    } catch (error) {
      return [fail(asBridgeError(error).message)]
    } finally {
      await socket.stop()
    }
    const findings: Finding[] = [
      ok(`beacons can be received on UDP ${host}:${port}; "thermo2mqtt discover" lists the devices that send them`),
    ]
    const told = store?.events.unconfirmedTold(clock.now() - RECENTLY) ?? []
    findings.push(...told.map((message) => warn(message)))
    if (port !== BEACON_PORT)
      findings.push(
        warn(`discovery.port is ${port}, but devices send only to ${BEACON_PORT}`, 'leave it at its default.'),
      )
    return findings
  },
}

export const accounts: Check = {
  name: 'Cloud accounts',
  run: async ({ clouds, listed }) => {
    const known = clouds.list().length
    if (known === 0)
      return [
        ok('none: only devices without a LAN lock, and devices whose key is in the configuration, can be controlled'),
      ]
    clouds.events.on('devices', ({ devices }) => {
      for (const device of devices) listed.set(device.serial, device)
    })
    // Uses the stored sign-in if there is one, and does not insist after a refusal, just as the bridge does when a key
    // is old.
    await clouds.refreshKeys('', [])
    return clouds.list().map(accountFinding)
  },
}

function accountFinding({ id, provider, state, devices, lists_devices: lists, error }: AccountView): Finding {
  const name = `${id} (${provider})`
  const why = error ? ` ${error.message}` : ''
  switch (state) {
    case 'ready':
      if (!lists) {
        return warn(
          `${name}: signed in, but it brings no thermostats and no keys, because the path of its device list is not known`,
          'set devices.path of the account.',
        )
      }
      return error ? warn(`${name}:${why}`) : ok(`${name}: signed in, lists ${counted(devices, 'device')}`)
    case 'code_needed':
      return fail(
        `${name} is waiting for a code.${why}`,
        `thermo2mqtt login --account=${id}, or give it to the running bridge: in Home Assistant ("Account ${id} code"), or {"id":"${id}","code":"…"} on bridge/request/account_code.`,
      )
    case 'auth_failed':
      return fail(
        `${name} is refused.${why}`,
        `correct its user name and password, then: thermo2mqtt login --account=${id}`,
      )
    case 'unreachable':
      return warn(`${name} can't be reached.${why}`, 'nothing for now: devices whose keys are stored work without it.')
    case 'signed_out':
    case 'signing_in':
      return warn(`${name} is not signed in.${why}`, `thermo2mqtt login --account=${id}`)
  }
}
