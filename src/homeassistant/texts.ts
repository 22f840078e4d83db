/** What the bridge itself calls its entities, besides those of the catalog's rows, in every language. */
import type { Locale } from '../catalog/locales/index.ts'
import type { DeviceAction } from '../devices/ports.ts'

export interface EntityTexts {
  readonly buttons: Readonly<Record<DeviceAction, string>>
  readonly faults: {
    readonly name: string
    /** What stands in place of a list while nothing is wrong. */
    readonly none: string
  }
  readonly events: Readonly<Record<'sensor' | 'overheating' | 'fault' | 'lock' | 'key' | 'connection', string>>
  readonly bridge: {
    readonly name: string
    readonly connectivity: string
    readonly version: string
    readonly devicesOnline: string
    readonly devicesTotal: string
    readonly sync: string
    readonly restart: string
    readonly account: (id: string) => string
    readonly signIn: (id: string) => string
    readonly code: (id: string) => string
  }
}

const en: EntityTexts = {
  buttons: {
    restart: 'Restart',
    blink: 'Identify',
    reset_parameters: 'Reset parameters',
    reset_schedule: 'Reset schedule',
    sync_clock: 'Set clock (ends cloud time sync)',
    reset_energy: 'Reset energy',
  },
  faults: { name: 'Faults', none: 'No faults' },
  events: {
    sensor: 'Sensor event',
    overheating: 'Overheating event',
    fault: 'Fault event',
    lock: 'Lock event',
    key: 'Key event',
    connection: 'Connection event',
  },
  bridge: {
    name: 'Thermostat bridge',
    connectivity: 'Connection',
    version: 'Version',
    devicesOnline: 'Devices online',
    devicesTotal: 'Devices',
    sync: 'Sync accounts',
    restart: 'Restart',
    account: (id) => `Account ${id}`,
    signIn: (id) => `Account ${id} sign-in needed`,
    code: (id) => `Account ${id} code`,
  },
}

const uk: EntityTexts = {
  buttons: {
    restart: 'Перезапустити',
    blink: 'Упізнати',
    reset_parameters: 'Скинути параметри',
    reset_schedule: 'Скинути розклад',
    sync_clock: 'Виставити годинник (без часу з хмари)',
    reset_energy: 'Скинути лічильник енергії',
  },
  faults: { name: 'Перелік несправностей', none: 'Несправностей немає' },
  events: {
    sensor: 'Подія датчика',
    overheating: 'Подія перегріву',
    fault: 'Подія несправності',
    lock: 'Подія блокування',
    key: 'Подія ключа',
    connection: 'Подія зв’язку',
  },
  bridge: {
    name: 'Міст терморегуляторів',
    connectivity: 'З’єднання',
    version: 'Версія',
    devicesOnline: 'Пристроїв на зв’язку',
    devicesTotal: 'Пристроїв',
    sync: 'Оновити облікові записи',
    restart: 'Перезапустити',
    account: (id) => `Обліковий запис ${id}`,
    signIn: (id) => `Обліковий запис ${id}: потрібен вхід`,
    code: (id) => `Обліковий запис ${id}: код`,
  },
}

const ru: EntityTexts = {
  buttons: {
    restart: 'Перезапустить',
    blink: 'Опознать',
    reset_parameters: 'Сбросить параметры',
    reset_schedule: 'Сбросить расписание',
    sync_clock: 'Выставить часы (без времени из облака)',
    reset_energy: 'Сбросить счётчик энергии',
  },
  faults: { name: 'Перечень неисправностей', none: 'Неисправностей нет' },
  events: {
    sensor: 'Событие датчика',
    overheating: 'Событие перегрева',
    fault: 'Событие неисправности',
    lock: 'Событие блокировки',
    key: 'Событие ключа',
    connection: 'Событие связи',
  },
  bridge: {
    name: 'Мост терморегуляторов',
    connectivity: 'Соединение',
    version: 'Версия',
    devicesOnline: 'Устройств на связи',
    devicesTotal: 'Устройств',
    sync: 'Обновить учётные записи',
    restart: 'Перезапустить',
    account: (id) => `Учётная запись ${id}`,
    signIn: (id) => `Учётная запись ${id}: нужен вход`,
    code: (id) => `Учётная запись ${id}: код`,
  },
}

const TEXTS: Readonly<Record<Locale, EntityTexts>> = { en, uk, ru }

export const textsOf = (locale: Locale): EntityTexts => TEXTS[locale]
