/** What the actions of devices are called; setting the clock says what it ends. */
import type { Locale } from './locale.ts'

const NAMES = {
  en: {
    restart: 'Restart',
    blink: 'Identify',
    reset_parameters: 'Reset parameters',
    reset_schedule: 'Reset schedule',
    sync_clock: 'Set clock (ends cloud time sync)',
    reset_energy: 'Reset energy',
    accept_lock: 'Accept lock',
  },
  uk: {
    restart: 'Перезапустити',
    blink: 'Упізнати',
    reset_parameters: 'Скинути параметри',
    reset_schedule: 'Скинути розклад',
    sync_clock: 'Виставити годинник (без часу з хмари)',
    reset_energy: 'Скинути лічильник енергії',
    accept_lock: 'Прийняти блокування',
  },
  ru: {
    restart: 'Перезапустить',
    blink: 'Опознать',
    reset_parameters: 'Сбросить параметры',
    reset_schedule: 'Сбросить расписание',
    sync_clock: 'Выставить часы (без времени из облака)',
    reset_energy: 'Сбросить счётчик энергии',
    accept_lock: 'Принять блокировку',
  },
} as const

export type NamedAction = keyof (typeof NAMES)['en']

export function actionName(action: NamedAction, locale: Locale): string {
  return NAMES[locale][action]
}
