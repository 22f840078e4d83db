/** The answers of REST, built field by field, so that nothing added to a view gets out by accident. */
import type { ErrorBody } from '../../core/errors.ts'
import { suggestedRoom } from '../../devices/house/suggested-room.ts'
import type {
  AccountView,
  BridgeEvent,
  CommandResult,
  DeviceHealth,
  DeviceState,
  DeviceView,
  ScheduleDay,
  ScheduleResult,
  ScheduleView,
} from '../../devices/ports.ts'
import type { ScheduleOutcome } from '../../devices/schedule/house.ts'

export function errorJson(error: ErrorBody) {
  return { code: error.code, message: error.message, ...(error.details ? { details: error.details } : {}) }
}

export function healthJson(health: DeviceHealth) {
  return {
    last_seen: health.lastSeen === null ? null : new Date(health.lastSeen).toISOString(),
    last_published: health.lastPublished === null ? null : new Date(health.lastPublished).toISOString(),
    failures: health.failures,
    error: health.error && errorJson(health.error),
    key_source: health.keySource,
    clock_offset: health.clockOffset,
    counter_base: health.counterBase,
    second_address: health.rival,
  }
}

export function deviceJson(view: DeviceView) {
  return {
    serial: view.serial,
    name: view.name,
    name_source: view.nameSource,
    room: view.room,
    suggested_room: view.room === null && view.nameSource !== 'default' ? suggestedRoom(view.name) : null,
    model: view.model,
    hw: view.hw,
    firmware: view.firmware,
    address: view.address && { host: view.address.host, port: view.address.port },
    online: view.online,
    setpoint_step: view.setpointStep,
    timezone: view.timezone,
    state: view.state,
    schedule: { floor: view.schedule.floor, air: view.schedule.air },
    health: healthJson(view.health),
    sources: [...view.sources],
  }
}

interface ResultJson {
  state: DeviceState
  rounded?: Record<string, { asked: number; set: number }>
  superseded?: string[]
}

export function resultJson(result: CommandResult): ResultJson {
  return {
    state: result.state,
    ...(Object.keys(result.rounded).length > 0 ? { rounded: { ...result.rounded } } : {}),
    ...(result.superseded.length > 0 ? { superseded: [...result.superseded] } : {}),
  }
}

export function scheduleJson({ floor, air, now }: ScheduleView) {
  return { floor, air, now }
}

const dayJson = ({ kind, day }: ScheduleDay) => ({ kind, day })

export function scheduleResultJson({ schedule, written, unchanged, rounded }: ScheduleResult) {
  return {
    ...scheduleJson(schedule),
    written: written.map(dayJson),
    unchanged: unchanged.map(dayJson),
    ...(Object.keys(rounded).length > 0 ? { rounded } : {}),
  }
}

export function schedulesAppliedJson(outcomes: readonly ScheduleOutcome[], dryRun: boolean) {
  return {
    ok: outcomes.every(({ ok }) => ok),
    dry_run: dryRun,
    devices: outcomes.map(({ serial, name, ok, written, unchanged, rounded, error }) => ({
      serial,
      name,
      ok,
      written: written.map(dayJson),
      unchanged: unchanged.map(dayJson),
      ...(Object.keys(rounded).length > 0 ? { rounded: { ...rounded } } : {}),
      error: error && errorJson(error),
    })),
  }
}

export function accountJson(view: AccountView) {
  return {
    id: view.id,
    provider: view.provider,
    state: view.state,
    takes_code: view.takes_code,
    code_from: view.code_from,
    lists_devices: view.lists_devices,
    devices: view.devices,
    last_sync: view.last_sync,
    error: view.error && errorJson(view.error),
  }
}

export function eventJson(event: BridgeEvent) {
  return {
    type: event.type,
    message: event.message,
    ...(event.serial === undefined ? {} : { serial: event.serial }),
    ...(event.account === undefined ? {} : { account: event.account }),
    ...(event.details === undefined ? {} : { details: event.details }),
  }
}
