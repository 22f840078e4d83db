/**
 * The bridge from its first start to its end, through every change of its settings: each change restarts it in this
 * process.
 */

import { Desk, type DeskOptions } from '../../app/settings/desk.ts'
import { type App, type AppAddresses, type AppOptions, createApp } from '../../app.ts'
import { fromSettings, type Kept, type LoadedSettings, type Settings, SettingsError } from '../../config/index.ts'
import type { Clock } from '../../core/clock.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import { LogBuffer } from '../../core/logging/log-buffer.ts'
import type { Logger, RootLogger } from '../../core/logging/logger.ts'
import { SecretValues } from '../../core/logging/secrets.ts'
import { Silence } from '../../devices/link/silence.ts'
import { isPortTaken } from '../../mqtt/broker/settings.ts'
import { applyStaged, revertStaged } from '../../store/backup/staged.ts'
import { FolderLock } from '../../store/database/folder-lock.ts'
import { type OpenedSettings, openSettings } from '../../store/settings.ts'
import { readVersion } from '../../version.ts'
import type { Terminal } from '../console/terminal.ts'
import { openLog, stopWithin } from './process.ts'
import { whereabouts } from './whereabouts.ts'

/** Milliseconds before the bridge stops for a change, so that the change is answered first. */
const AFTER_ANSWER = 200

export interface LifeOptions {
  readonly clock: Clock
  readonly terminal: Terminal
  readonly devicePort: number
  /** Resolves with the reason to end. */
  readonly ended: Promise<string>
  /** The settings in force; `kept` replaces the page's settings in the store. @throws SettingsError */
  readonly load: (kept?: Kept) => Promise<LoadedSettings>
  /** Resolves with the reason to start anew when what the settings are read from has changed; stops with `signal`. */
  readonly outside?: (signal: AbortSignal) => Promise<string>
  /** Called after every start. */
  readonly onStarted?: (addresses: AppAddresses, loaded: LoadedSettings) => void
  /** `releases` is for bridges of people; only tests set the others. */
  readonly app?: Pick<AppOptions, 'page' | 'passwordCost' | 'quiet' | 'releases'>
}

/** Why the last change was undone. */
type Failed = DeskOptions['failed']

interface Span {
  readonly loaded: LoadedSettings
  readonly logger: Logger
  readonly app: App
  readonly desk: Desk
  /** Resolves with the reason to restart. */
  readonly changed: Promise<string>
}

/**
 * Runs the bridge until `ended`.
 * @throws SettingsError, BridgeError if it can't start, except for a change that can be undone; whatever stopping
 * throws
 */
export async function live(options: LifeOptions): Promise<void> {
  const folder = new FolderLock(options.clock)
  try {
    await liveIn(folder, options)
  } finally {
    folder.release()
  }
}

async function liveIn(folder: FolderLock, options: LifeOptions): Promise<void> {
  const { clock, ended } = options
  const secrets = new SecretValues()
  let failed: Failed = null
  let restored = false
  let before: LoadedSettings | undefined
  let awaited: string | undefined
  const log = new LogBuffer()
  const silence = new Silence(clock)
  for (;;) {
    const { loaded, problem } = await loadOr(before, options)
    const { logger } = await openLog(loaded, secrets, log)
    if (problem) {
      failed = { at: clock.now(), message: problem }
      logger.error(
        { reason: problem },
        'The settings can no longer be read; the bridge continues with the previous ones',
      )
    }
    const { data_dir: dataDir } = loaded.settings
    folder.take(dataDir, logger)
    // The settings of the page are in the store: with another store they are read again.
    if (applyStaged(dataDir, logger)) {
      restored = true
      continue
    }
    const store = () => openKept(loaded, { clock, logger, secrets })
    let span: Span
    try {
      const awaitsPort = awaited === brokerPlace(loaded)
      span = begin(options, { loaded, logger, log, secrets, silence, store, failed, awaitsPort })
      // A signal during the start ends it too.
      const started = await Promise.race([span.app.start(), ended])
      if (typeof started !== 'string') {
        before = pinned(loaded, started)
        restored = false
        if (!problem) confirm(store, logger)
        folder.tell(whereabouts(before, started))
        span.app.announce(started)
        options.onStarted?.(started, loaded)
      }
    } catch (error) {
      const undone = takeBack(store) || (restored && revertStaged(dataDir, logger))
      restored = false
      if (!undone) {
        if (!isPortTaken(error)) throw error
        // Not a mistake of the page: the bridge starts without the port, so that its page can say so and ask.
        awaited = brokerPlace(loaded)
        continue
      }
      failed = { at: clock.now(), message: why(error) }
      logger.error(
        { reason: failed.message },
        'The bridge can’t start with the change made on the page or with the restored backup; this was undone, and it starts as before',
      )
      continue
    }
    if (await isOver(span, options)) return
    // The failure is shown until the next change.
    failed = null
  }
}

/** Waits for the reason to stop, and stops. False if the bridge should restart. */
async function isOver({ app, desk, changed, logger }: Span, { clock, ended, outside }: LifeOptions): Promise<boolean> {
  const waiting = new AbortController()
  const anew = outside ? Promise.race([changed, outside(waiting.signal)]) : changed
  const { reason, over } = await Promise.race([
    ended.then((reason) => ({ reason, over: true })),
    anew.then((reason) => ({ reason, over: false })),
  ])
  waiting.abort()
  logger.info({ reason }, over ? 'stopping' : 'restarting')
  await stopWithin(clock, async () => {
    await desk.stop()
    await app.stop()
  })
  return over
}

interface Beginning {
  readonly loaded: LoadedSettings
  readonly logger: RootLogger
  readonly log: LogBuffer
  readonly secrets: SecretValues
  readonly silence: Silence
  readonly store: () => OpenedSettings
  readonly failed: Failed
  readonly awaitsPort: boolean
}

/** Where the embedded broker listens. */
const brokerPlace = ({ settings: { mqtt } }: LoadedSettings): string => `${mqtt.embedded.host}:${mqtt.embedded.port}`

function begin(options: LifeOptions, beginning: Beginning): Span {
  const { loaded, logger, log, secrets, silence, store, failed, awaitsPort } = beginning
  const { clock, terminal, devicePort } = options
  let anew: (reason: string) => void = () => {}
  const changed = new Promise<string>((resolve) => {
    anew = resolve
  })
  const desk = new Desk({
    clock,
    logger,
    secrets,
    loaded,
    load: options.load,
    open: store,
    apply: (keys) =>
      void clock.timer(AFTER_ANSWER, () => anew(`settings were changed on the page: ${keys.join(', ')}`)),
    failed,
  })
  const app = fromSettings(() =>
    createApp({
      ...options.app,
      settings: loaded.settings,
      version: readVersion(),
      clock,
      random: Math.random,
      logger,
      secrets,
      log,
      silence,
      desk,
      onRestored: () => void clock.timer(AFTER_ANSWER, () => anew('a backup was restored')),
      restart: () => anew('a restart was requested'),
      announce: (line) => terminal.out(line),
      devicePort,
      awaitsPort,
    }),
  )
  return { loaded, logger, app, desk, changed }
}

/** The store that the bridge has created. @throws BridgeError `INTERNAL` */
function openKept(
  { settings }: LoadedSettings,
  parts: { readonly clock: Clock; readonly logger: Logger; readonly secrets: SecretValues },
): OpenedSettings {
  const keyFile = settings.store.key_file ?? undefined
  const opened = openSettings({ dataDir: settings.data_dir, keyFile, evenUnwritable: true, ...parts })
  if (!opened) throw new BridgeError('INTERNAL', `There is no store in ${settings.data_dir} to keep settings in.`)
  return opened
}

/** The bridge runs with the change. A failure to record that must not end it. */
function confirm(store: () => OpenedSettings, logger: Logger): void {
  try {
    const opened = store()
    try {
      opened.settings.confirm()
    } finally {
      opened.close()
    }
  } catch (error) {
    logger.warn({ err: error }, 'The bridge could not record that it runs with the settings of the page')
  }
}

/** Whether there was a change to undo. The store itself may prevent the bridge from starting. */
function takeBack(store: () => OpenedSettings): boolean {
  let opened: OpenedSettings | undefined
  try {
    opened = store()
    if (!opened.settings.unconfirmed) return false
    opened.settings.undo()
    return true
  } catch {
    // Report why the bridge did not start, not that this failed too.
    return false
  } finally {
    opened?.close()
  }
}

function why(error: unknown): string {
  return error instanceof SettingsError ? error.message : asBridgeError(error).message
}

/** A file that somebody is editing does not end a running bridge. @throws SettingsError at the first start */
async function loadOr(
  before: LoadedSettings | undefined,
  { load }: LifeOptions,
): Promise<{ readonly loaded: LoadedSettings; readonly problem?: string }> {
  try {
    return { loaded: samePorts(await load(), before) }
  } catch (error) {
    if (!before || !(error instanceof SettingsError)) throw error
    return { loaded: before, problem: error.message }
  }
}

/** A port chosen freely at the first start stays the same: pages and programs look for the bridge there. */
function samePorts(loaded: LoadedSettings, before: LoadedSettings | undefined): LoadedSettings {
  if (!before) return loaded
  const { api, mqtt, discovery } = before.settings
  return withPorts(loaded, { api: api.port, broker: mqtt.embedded.port, beacons: discovery.port })
}

function pinned(loaded: LoadedSettings, { api, broker, beacons }: AppAddresses): LoadedSettings {
  return withPorts(loaded, { api: api.port, broker: broker?.port ?? 0, beacons: beacons ?? 0 })
}

interface Ports {
  readonly api: number
  readonly broker: number
  readonly beacons: number
}

/** With these ports instead of any free ones. */
function withPorts(loaded: LoadedSettings, ports: Ports): LoadedSettings {
  const { api, mqtt, discovery } = loaded.settings
  const { embedded } = mqtt
  const settings: Settings = {
    ...loaded.settings,
    api: { ...api, port: api.port || ports.api },
    mqtt: { ...mqtt, embedded: { ...embedded, port: embedded.port || ports.broker } },
    discovery: { ...discovery, port: discovery.port || ports.beacons },
  }
  return { ...loaded, settings }
}
