/** What the bridge listens on besides MQTT, and the clouds it calls. */
import type { AccountView } from '../../cloud/events.ts'
import { asBridgeError } from '../../core/errors.ts'
import { Discovery } from '../../lan/discovery/index.ts'
import { whyNotListen } from '../running/ports.ts'
import { type Check, type Finding, fail, ok, plural, warn } from './check.ts'

/** Where devices send their beacons. */
const BEACON_PORT = 23500

/** How far back, in ms, that a device could not be confirmed is still worth a line: it is told once, while that lasts. */
const RECENTLY = 7 * 24 * 60 * 60_000

export const api: Check = {
  name: 'REST and page',
  run: async ({ tools: { settings } }) => {
    const { host, port } = settings.api
    const why = port === 0 ? undefined : await whyNotListen(host, port)
    if (why === undefined) return [ok(`${host}:${port} is free, so the bridge does not run now`)]
    if (why !== 'EADDRINUSE')
      return [fail(`the bridge can't listen on ${host}:${port} (${why})`, 'correct api.host or api.port.')]
    const dialled = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
    if (await healthy(`http://${dialled}:${port}/healthz`)) return [ok(`the running bridge serves ${host}:${port}`)]
    return [fail(`another program has ${host}:${port}`, 'give the bridge another api.port, or stop that program.')]
  },
}

async function healthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(2_000) })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    // Whatever is there, it is no bridge that works.
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
        warn('off: only devices with a configured host are found', 'set discovery.enabled=true, if that is not meant.'),
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
      ok(`beacons can be heard on UDP ${host}:${port}; "thermo2mqtt discover" lists who sends any`),
    ]
    const told = store?.events.unconfirmedTold(clock.now() - RECENTLY) ?? []
    findings.push(...told.map((message) => warn(message)))
    if (port !== BEACON_PORT)
      findings.push(
        warn(
          `discovery.port is ${port}, but devices send to ${BEACON_PORT} and nowhere else`,
          'leave it at its default.',
        ),
      )
    return findings
  },
}

export const accounts: Check = {
  name: 'Cloud accounts',
  run: async ({ clouds, listed }) => {
    const known = clouds.list().length
    if (known === 0)
      return [ok('none: devices without LAN lock, and those whose key is in the configuration, can be commanded')]
    clouds.events.on('devices', ({ devices }) => {
      for (const device of devices) listed.set(device.serial, device)
    })
    // With the stored sign-in where there is one, and never past a refusal: what the bridge itself does when a key is old.
    await clouds.refreshKeys('', [])
    return clouds.list().map(accountFinding)
  },
}

function accountFinding({ id, provider, state, devices, error }: AccountView): Finding {
  const name = `${id} (${provider})`
  const why = error ? ` ${error.message}` : ''
  switch (state) {
    case 'ready':
      return error ? warn(`${name}:${why}`) : ok(`${name}: signed in, lists ${plural(devices, 'device')}`)
    case 'code_needed':
      return fail(
        `${name} waits for a code.${why}`,
        `thermo2mqtt login --account=${id}, or give it to the running bridge: in Home Assistant ("Account ${id} code"), or {"id":"${id}","code":"…"} on bridge/request/account_code.`,
      )
    case 'auth_failed':
      return fail(
        `${name} is refused.${why}`,
        `correct its user name and password, then: thermo2mqtt login --account=${id}`,
      )
    case 'unreachable':
      return warn(`${name} can't be reached.${why}`, 'nothing now: devices whose keys are held work without it.')
    case 'signed_out':
    case 'signing_in':
      return warn(`${name} is not signed in.${why}`, `thermo2mqtt login --account=${id}`)
  }
}
