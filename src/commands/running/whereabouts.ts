/** Where a running bridge is, and with what it was started: written by the bridge, read by commands that look for it. */
import { existsSync, readdirSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppAddresses } from '../../app.ts'
import { type LoadedSettings, settingsView } from '../../config/index.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import { heldBy } from '../../store/database/folder-lock.ts'

/** The folders that the demo makes for its data. */
export const DEMO_FOLDER = 'thermo2mqtt-demo-'

export interface RunningBridge {
  readonly dataDir: string
  readonly pid: number
  /** The machine or container. */
  readonly host: string
  /** Whether that is this one, so that its addresses are those of this machine. */
  readonly here: boolean
  /** ISO time. */
  readonly since: string
  /** The address of REST and page; null while it starts. */
  readonly api: string | null
  /** The address of its own broker; null if it uses another. */
  readonly broker: string | null
  /** Its configuration file; null if there is none. */
  readonly file: string | null
  /** Settings that it was given as flags and in its environment, without secrets. */
  readonly given: Readonly<Record<string, string>>
}

/** What a running bridge records of itself. @param loaded with the ports that it has */
export function whereabouts(loaded: LoadedSettings, { api, broker }: AppAddresses) {
  const given = settingsView(loaded)
    // A value that nobody set but is not the default was chosen by the program, such as a free port.
    .settings.filter(({ key, value, source, secret, default: usual }) => {
      const chosen = source === 'default' && JSON.stringify(value) !== JSON.stringify(usual)
      return !secret && value !== null && key !== 'data_dir' && (isGiven(source) || chosen)
    })
    .map(({ key, value }) => [key, Array.isArray(value) ? value.join(',') : String(value)])
  return {
    api: api.url,
    broker: broker && `${broker.host}:${broker.port}`,
    file: loaded.file,
    given: Object.fromEntries(given),
  }
}

const isGiven = (source: string | undefined): boolean => /^(flag|environment variable) /.test(source ?? '')

/**
 * Flags with which a command sees the settings as the running bridge does: those of the bridge, unless the command was given
 * others.
 */
export function flagsOf(running: RunningBridge, own: Pick<LoadedSettings, 'origins'>): Record<string, string> {
  return Object.fromEntries(Object.entries(running.given).filter(([key]) => !isGiven(own.origins.get(key))))
}

/** The bridge that uses this data folder now. */
export function bridgeIn(dataDir: string): RunningBridge | undefined {
  const held = heldBy(dataDir)
  return held && { dataDir, ...described(held) }
}

/** The demo that runs on this machine, if its folder can be read. */
export function runningDemo(): RunningBridge | undefined {
  const place = tmpdir()
  const names = existsSync(place) ? readdirSync(place).filter((name) => name.startsWith(DEMO_FOLDER)) : []
  for (const name of names) {
    const demo = bridgeIn(join(place, name))
    if (demo) return demo
  }
  return undefined
}

/** The file may be damaged or of another version. */
function described({ pid, host, since, api, broker, file, given }: JsonObject): Omit<RunningBridge, 'dataDir'> {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  const texts = Object.entries(isObject(given) ? given : {}).filter(([, value]) => typeof value === 'string')
  return {
    pid: Number(pid),
    host: text(host) ?? '',
    here: host === hostname(),
    since: text(since) ?? '',
    api: text(api),
    broker: text(broker),
    file: text(file),
    given: Object.fromEntries(texts.map(([key, value]) => [key, String(value)])),
  }
}
