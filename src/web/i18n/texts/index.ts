/**
 * The texts of the page: one file per area, each in every language; `{name}` is filled in. For a new area, add a file
 * here and a line to each list below. The compiler reports a language that lacks a text.
 */
import { accounts } from './accounts.ts'
import { audit } from './audit.ts'
import { device } from './device.ts'
import { errors } from './errors.ts'
import { findings } from './findings.ts'
import { health } from './health.ts'
import { history } from './history.ts'
import { house } from './house.ts'
import { houseSchedules } from './house-schedules.ts'
import { housekeeping } from './housekeeping.ts'
import { list } from './list.ts'
import { ready } from './ready.ts'
import { rooms } from './rooms.ts'
import { schedule } from './schedule.ts'
import { security } from './security.ts'
import { settings } from './settings.ts'
import { settingsOfCare } from './settings-of-care.ts'
import { setup } from './setup.ts'
import { shell } from './shell.ts'
import { system } from './system.ts'
import { unconfirmed } from './unconfirmed.ts'

export const en = {
  ...shell.en,
  ...house.en,
  ...list.en,
  ...rooms.en,
  ...health.en,
  ...findings.en,
  ...device.en,
  ...schedule.en,
  ...houseSchedules.en,
  ...history.en,
  ...accounts.en,
  ...system.en,
  ...audit.en,
  ...security.en,
  ...settings.en,
  ...settingsOfCare.en,
  ...setup.en,
  ...ready.en,
  ...housekeeping.en,
  ...errors.en,
  ...unconfirmed.en,
}

export type TextKey = keyof typeof en
export type Dictionary = Readonly<Record<TextKey, string>>

export const uk: Dictionary = {
  ...shell.uk,
  ...house.uk,
  ...list.uk,
  ...rooms.uk,
  ...health.uk,
  ...findings.uk,
  ...device.uk,
  ...schedule.uk,
  ...houseSchedules.uk,
  ...history.uk,
  ...accounts.uk,
  ...system.uk,
  ...audit.uk,
  ...security.uk,
  ...settings.uk,
  ...settingsOfCare.uk,
  ...setup.uk,
  ...ready.uk,
  ...housekeeping.uk,
  ...errors.uk,
  ...unconfirmed.uk,
}

export const ru: Dictionary = {
  ...shell.ru,
  ...house.ru,
  ...list.ru,
  ...rooms.ru,
  ...health.ru,
  ...findings.ru,
  ...device.ru,
  ...schedule.ru,
  ...houseSchedules.ru,
  ...history.ru,
  ...accounts.ru,
  ...system.ru,
  ...audit.ru,
  ...security.ru,
  ...settings.ru,
  ...settingsOfCare.ru,
  ...setup.ru,
  ...ready.ru,
  ...housekeeping.ru,
  ...errors.ru,
  ...unconfirmed.ru,
}
