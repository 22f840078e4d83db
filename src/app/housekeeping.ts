/** Builds what the housekeeping routes of REST need: events, keys, backups, diagnostics. */
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Housekeeping } from '../api/views/housekeeping.ts'
import type { Keyring } from '../cloud/account/keyring.ts'
import { maskedSettings } from '../config/index.ts'
import { LogBuffer } from '../core/logging/log-buffer.ts'
import { MoreDetail } from '../core/logging/more-detail.ts'
import { EventLog } from '../devices/news/event-log.ts'
import type { Registry } from '../devices/registry/registry.ts'
import { DailyBackups } from '../store/backup/daily.ts'
import { Backups } from '../store/backup/index.ts'
import { DailyCopies } from '../store/copies/index.ts'
import type { Store } from '../store/store.ts'
import type { AppOptions } from './options.ts'

export interface HousekeepingParts {
  readonly eventLog: EventLog
  readonly backups: Backups
  readonly dailyBackups: DailyBackups
  readonly copies: DailyCopies
  readonly moreDetail: MoreDetail
  readonly housekeeping: Housekeeping
}

export function buildHousekeeping(
  options: AppOptions,
  { store, registry, keys }: { readonly store: Store; readonly registry: Registry; readonly keys: Keyring },
): HousekeepingParts {
  const { settings, clock, logger, version, backupWork } = options
  const eventLog = new EventLog({ events: registry.events, memory: store.events, clock, logger })
  const backups = new Backups({
    dataDir: settings.data_dir,
    vault: store.vault,
    clock,
    logger,
    version,
    workFactor: backupWork,
  })
  const dailyBackups = new DailyBackups({
    ...{ backups, clock, logger, site: settings.site },
    passphrase: settings.backup.passphrase,
    folder: settings.backup.folder ?? join(settings.data_dir, 'backups'),
    keep: settings.backup.keep,
  })
  const copies = new DailyCopies({
    database: store.path,
    clock,
    logger,
    onDamaged: (code) => store.health.failed(code),
  })
  const moreDetail = new MoreDetail(logger, clock)
  const log = options.log ?? new LogBuffer()
  const serials = () => new Set([...keys.configured, ...store.keys.all().map(({ serial }) => serial)])
  const housekeeping: Housekeeping = {
    events: eventLog,
    keys: () => [...serials()].sort().flatMap((serial) => keys.of(serial)),
    backups: {
      largest: backups.largest,
      make: (passphrase) => backups.make(passphrase),
      receive: (content) => backups.receive(content),
      restore: async (id, passphrase, { who, address }) => {
        const entry = { at: clock.now(), who, via: 'session', address, action: 'restoreBackup' } as const
        const restored = await backups.restore(id, passphrase, { ...entry, target: null, details: null, outcome: 'ok' })
        options.onRestored?.()
        return { ...restored, restarting: options.onRestored !== undefined }
      },
    },
    diagnostics: {
      settings: () => options.desk?.view() ?? maskedSettings(settings),
      log: () => log,
      personal: () => ({
        users: [systemUser(), ...store.users.list().map(({ name }) => name), ...usersOf(options)],
        hosts: [hostname(), ...hostsOf(options)],
        names: [...store.devices.givenNames().values(), ...store.devices.load().flatMap(({ name }) => name ?? [])],
      }),
    },
    log: { lines: log, detail: moreDetail },
  }
  return { eventLog, backups, dailyBackups, copies, moreDetail, housekeeping }
}

const texts = (values: readonly (string | null | undefined)[]): string[] => values.flatMap((value) => value || [])

function usersOf({ settings: { cloud, messages, mqtt } }: AppOptions): string[] {
  return texts([
    mqtt.username,
    mqtt.embedded.username,
    mqtt.client_id,
    ...cloud.accounts.map(({ username }) => username),
    messages.email.user,
    messages.email.from,
    ...messages.email.to,
    messages.telegram.chat,
  ])
}

function hostsOf({ settings: { api, cloud, devices, messages, mqtt } }: AppOptions): string[] {
  const urls = texts([...mqtt.url, ...api.allowed_origins, ...cloud.accounts.map(({ url }) => url)])
  const hosts = urls.flatMap((url) => (URL.canParse(url) ? new URL(url).hostname : []))
  return texts([
    ...hosts,
    ...api.hosts.filter((name) => name !== '*'),
    messages.email.host,
    ...devices.map(({ host }) => host),
  ])
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a user id without a name.
    return ''
  }
}
