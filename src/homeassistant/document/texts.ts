/** The names of the bridge's own entities, besides those of catalog rows, in every language. */
import type { Locale } from '../../catalog/locales/index.ts'
import type { AccountState, HouseMode } from '../../devices/ports.ts'

/** The event types for Home Assistant; the same in every language, since automations use them. */
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
  | 'command_failed'

export interface EntityTexts {
  readonly faults: {
    readonly name: string
    /** Shown instead of a list while nothing is wrong. */
    readonly none: string
  }
  readonly events: Readonly<
    Record<'sensor' | 'overheating' | 'fault' | 'lock' | 'key' | 'connection' | 'command', string>
  >
  /** The entity for all events. */
  readonly lastEvent: string
  /** What happened: in a few words, and as a sentence; for faults and failed commands without its end, since more follows. */
  readonly happened: Readonly<Record<EventType, { readonly type: string; readonly sentence: string }>>
  readonly bridge: {
    readonly name: string
    readonly connectivity: string
    readonly problem: string
    readonly version: string
    readonly update: string
    readonly devicesOnline: string
    readonly devicesTotal: string
    readonly sync: string
    readonly restart: string
    readonly house: string
    readonly houseModes: Readonly<Record<HouseMode, string>>
    readonly account: (id: string) => string
    /** The states of accounts. */
    readonly states: Readonly<Record<AccountState, string>>
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
    command: 'Command event',
  },
  lastEvent: 'Last event',
  happened: {
    sensor_lost: { type: 'Sensor lost', sentence: 'A sensor is lost or broken' },
    sensor_restored: { type: 'Sensor is back', sentence: 'The sensor is back' },
    overheated: { type: 'Too hot', sentence: 'The device is too hot' },
    cooled_down: { type: 'Cooled down', sentence: 'The device has cooled down' },
    fault_began: { type: 'Fault', sentence: 'A fault has begun' },
    fault_ended: { type: 'Fault is over', sentence: 'The fault is over' },
    unlocked: { type: 'Lock opened', sentence: 'The lock was opened.' },
    cloud_locked: { type: 'Cloud locked out', sentence: 'Commands of the cloud were locked out.' },
    lan_locked: {
      type: 'Local network locked out',
      sentence: 'Unsigned commands of the local network were locked out.',
    },
    locked: {
      type: 'All commands locked out',
      sentence: 'Commands of the local network and of the cloud were locked out.',
    },
    key_changed: { type: 'Key changed', sentence: 'The device has a new key, since it was bound to an account again.' },
    device_online: { type: 'Answers again', sentence: 'The device answers again.' },
    device_offline: { type: 'Does not answer', sentence: 'The device does not answer.' },
    command_failed: { type: 'Command failed', sentence: 'A command was not carried out' },
  },
  bridge: {
    name: 'Thermostat bridge',
    connectivity: 'Connection',
    problem: 'Problem',
    version: 'Version',
    update: 'Update',
    devicesOnline: 'Devices online',
    devicesTotal: 'Devices',
    sync: 'Sync accounts',
    restart: 'Restart',
    house: 'House',
    houseModes: {
      normal: 'normal',
      away: 'away',
      frost_protection: 'frost protection',
      off: 'off',
    },
    account: (id) => `Account: ${id}`,
    states: {
      signed_out: 'signed out',
      signing_in: 'signing in',
      code_needed: 'code needed',
      ready: 'ready',
      auth_failed: 'sign-in refused',
      unreachable: 'not reachable',
    },
    signIn: (id) => `Sign-in: ${id}`,
    code: (id) => `Code: ${id}`,
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
    command: 'Подія команди',
  },
  lastEvent: 'Остання подія',
  happened: {
    sensor_lost: { type: 'Датчик утрачено', sentence: 'Датчик утрачено або пошкоджено' },
    sensor_restored: { type: 'Датчик знову є', sentence: 'Датчик знову працює' },
    overheated: { type: 'Надто гаряче', sentence: 'Пристрій надто гарячий' },
    cooled_down: { type: 'Охололо', sentence: 'Пристрій охолонув' },
    fault_began: { type: 'Несправність', sentence: 'Виникла несправність' },
    fault_ended: { type: 'Несправність минула', sentence: 'Несправність минула' },
    unlocked: { type: 'Блокування знято', sentence: 'Блокування знято.' },
    cloud_locked: { type: 'Хмару заблоковано', sentence: 'Команди хмари заблоковано.' },
    lan_locked: { type: 'Локальну мережу заблоковано', sentence: 'Непідписані команди локальної мережі заблоковано.' },
    locked: { type: 'Усі команди заблоковано', sentence: 'Команди локальної мережі й хмари заблоковано.' },
    key_changed: {
      type: 'Ключ змінено',
      sentence: 'Пристрій має новий ключ, бо його знову прив’язали до облікового запису.',
    },
    device_online: { type: 'Знову відповідає', sentence: 'Пристрій знову відповідає.' },
    device_offline: { type: 'Не відповідає', sentence: 'Пристрій не відповідає.' },
    command_failed: { type: 'Команду не виконано', sentence: 'Команду не виконано' },
  },
  bridge: {
    name: 'Міст терморегуляторів',
    connectivity: 'З’єднання',
    problem: 'Проблема',
    version: 'Версія',
    update: 'Оновлення',
    devicesOnline: 'Пристроїв на зв’язку',
    devicesTotal: 'Пристроїв',
    sync: 'Оновити облікові записи',
    restart: 'Перезапустити',
    house: 'Дім',
    houseModes: {
      normal: 'як завжди',
      away: 'у від’їзді',
      frost_protection: 'захист від морозу',
      off: 'вимкнено',
    },
    account: (id) => `Запис: ${id}`,
    states: {
      signed_out: 'вихід виконано',
      signing_in: 'входить',
      code_needed: 'потрібен код',
      ready: 'готовий',
      auth_failed: 'у вході відмовлено',
      unreachable: 'недоступний',
    },
    signIn: (id) => `Вхід: ${id}`,
    code: (id) => `Код: ${id}`,
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
    command: 'Событие команды',
  },
  lastEvent: 'Последнее событие',
  happened: {
    sensor_lost: { type: 'Датчик потерян', sentence: 'Датчик потерян или повреждён' },
    sensor_restored: { type: 'Датчик снова есть', sentence: 'Датчик снова работает' },
    overheated: { type: 'Слишком горячо', sentence: 'Устройство слишком горячее' },
    cooled_down: { type: 'Остыло', sentence: 'Устройство остыло' },
    fault_began: { type: 'Неисправность', sentence: 'Возникла неисправность' },
    fault_ended: { type: 'Неисправность прошла', sentence: 'Неисправность прошла' },
    unlocked: { type: 'Блокировка снята', sentence: 'Блокировка снята.' },
    cloud_locked: { type: 'Облако заблокировано', sentence: 'Команды облака заблокированы.' },
    lan_locked: {
      type: 'Локальная сеть заблокирована',
      sentence: 'Неподписанные команды локальной сети заблокированы.',
    },
    locked: { type: 'Все команды заблокированы', sentence: 'Команды локальной сети и облака заблокированы.' },
    key_changed: {
      type: 'Ключ изменён',
      sentence: 'У устройства новый ключ, так как его снова привязали к учётной записи.',
    },
    device_online: { type: 'Снова отвечает', sentence: 'Устройство снова отвечает.' },
    device_offline: { type: 'Не отвечает', sentence: 'Устройство не отвечает.' },
    command_failed: { type: 'Команда не выполнена', sentence: 'Команда не выполнена' },
  },
  bridge: {
    name: 'Мост терморегуляторов',
    connectivity: 'Соединение',
    problem: 'Проблема',
    version: 'Версия',
    update: 'Обновление',
    devicesOnline: 'Устройств на связи',
    devicesTotal: 'Устройств',
    sync: 'Обновить учётные записи',
    restart: 'Перезапустить',
    house: 'Дом',
    houseModes: {
      normal: 'как обычно',
      away: 'в отъезде',
      frost_protection: 'защита от мороза',
      off: 'выключен',
    },
    account: (id) => `Запись: ${id}`,
    states: {
      signed_out: 'выход выполнен',
      signing_in: 'входит',
      code_needed: 'нужен код',
      ready: 'готова',
      auth_failed: 'во входе отказано',
      unreachable: 'недоступна',
    },
    signIn: (id) => `Вход: ${id}`,
    code: (id) => `Код: ${id}`,
  },
}

const TEXTS: Readonly<Record<Locale, EntityTexts>> = { en, uk, ru }

export const textsOf = (locale: Locale): EntityTexts => TEXTS[locale]
