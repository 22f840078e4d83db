/** What the bridge itself calls its entities, besides those of the catalog's rows, in every language. */
import type { Locale } from '../catalog/locales/index.ts'

/** The types of events that Home Assistant is told; the same in every language, since automations name them. */
export type EventType =
  | 'sensor_lost'
  | 'sensor_restored'
  | 'overheated'
  | 'cooled_down'
  | 'fault_began'
  | 'fault_ended'
  | 'unlocked'
  | 'cloud_locked'
  | 'lan_locked'
  | 'locked'
  | 'key_changed'
  | 'device_online'
  | 'device_offline'

export interface EntityTexts {
  readonly faults: {
    readonly name: string
    /** What stands in place of a list while nothing is wrong. */
    readonly none: string
  }
  readonly events: Readonly<Record<'sensor' | 'overheating' | 'fault' | 'lock' | 'key' | 'connection', string>>
  /** What has happened, in words. */
  readonly happened: Readonly<Record<EventType, string>>
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
  faults: { name: 'Faults', none: 'No faults' },
  events: {
    sensor: 'Sensor event',
    overheating: 'Overheating event',
    fault: 'Fault event',
    lock: 'Lock event',
    key: 'Key event',
    connection: 'Connection event',
  },
  happened: {
    sensor_lost: 'Sensor lost',
    sensor_restored: 'Sensor is back',
    overheated: 'Too hot',
    cooled_down: 'Cooled down',
    fault_began: 'Fault',
    fault_ended: 'Fault is over',
    unlocked: 'Lock opened',
    cloud_locked: 'Commands of the cloud are locked out',
    lan_locked: 'Unsigned commands of the local network are locked out',
    locked: 'Commands of the local network and of the cloud are locked out',
    key_changed: 'Key changed',
    device_online: 'Answers again',
    device_offline: 'Does not answer',
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
  faults: { name: 'Перелік несправностей', none: 'Несправностей немає' },
  events: {
    sensor: 'Подія датчика',
    overheating: 'Подія перегріву',
    fault: 'Подія несправності',
    lock: 'Подія блокування',
    key: 'Подія ключа',
    connection: 'Подія зв’язку',
  },
  happened: {
    sensor_lost: 'Датчик утрачено',
    sensor_restored: 'Датчик знову є',
    overheated: 'Надто гаряче',
    cooled_down: 'Охололо',
    fault_began: 'Несправність',
    fault_ended: 'Несправність минула',
    unlocked: 'Блокування знято',
    cloud_locked: 'Команди хмари заблоковано',
    lan_locked: 'Непідписані команди локальної мережі заблоковано',
    locked: 'Команди локальної мережі й хмари заблоковано',
    key_changed: 'Ключ змінено',
    device_online: 'Знову відповідає',
    device_offline: 'Не відповідає',
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
  faults: { name: 'Перечень неисправностей', none: 'Неисправностей нет' },
  events: {
    sensor: 'Событие датчика',
    overheating: 'Событие перегрева',
    fault: 'Событие неисправности',
    lock: 'Событие блокировки',
    key: 'Событие ключа',
    connection: 'Событие связи',
  },
  happened: {
    sensor_lost: 'Датчик потерян',
    sensor_restored: 'Датчик снова есть',
    overheated: 'Слишком горячо',
    cooled_down: 'Остыло',
    fault_began: 'Неисправность',
    fault_ended: 'Неисправность прошла',
    unlocked: 'Блокировка снята',
    cloud_locked: 'Команды облака заблокированы',
    lan_locked: 'Неподписанные команды локальной сети заблокированы',
    locked: 'Команды локальной сети и облака заблокированы',
    key_changed: 'Ключ изменён',
    device_online: 'Снова отвечает',
    device_offline: 'Не отвечает',
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
