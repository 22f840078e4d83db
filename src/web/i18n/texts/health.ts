/** What stands in the way of the bridge's memory, in words that say what it means and what to do. */
export const health = {
  en: {
    'health.store_full':
      'The disk of the bridge is full. Heating is controlled all the same, but changes, energy and new devices are not remembered. Free some space on it; that is noticed by itself.',
    'health.store_read_only':
      'The bridge may not write to its data folder. Heating is controlled all the same, but changes, energy and new devices are not remembered. Make the folder writable; that is noticed by itself.',
    'health.store_damaged':
      'The database of the bridge is damaged. Heating is controlled all the same, but nothing new is remembered. Restart the bridge, which puts its newest sound copy in place of the database and keeps the damaged one beside it, or restore a backup.',
    'health.store_replaced':
      'The database of the bridge was damaged, and a copy is in its place. What was learned, set and changed after the copy was made is missing: look at users, API tokens and settings. Heating is controlled as usual. The copy is of',
    'health.store_busy':
      'Another program holds the database of the bridge, so that nothing new is remembered. Heating is controlled all the same. End that program.',
    'health.store_failed':
      'The bridge can’t write to its disk, so that nothing new is remembered. Heating is controlled all the same. Look at the disk and at the log of the bridge.',
    'system.check.accounts': 'Cloud accounts',
    'system.check.history': 'History',
  },
  uk: {
    'health.store_full':
      'Диск моста заповнений. Опалення керується як завжди, але зміни, енергія та нові пристрої не запам’ятовуються. Звільніть місце; міст помітить це сам.',
    'health.store_read_only':
      'Міст не може писати у свою теку даних. Опалення керується як завжди, але зміни, енергія та нові пристрої не запам’ятовуються. Дозвольте запис у теку; міст помітить це сам.',
    'health.store_damaged':
      'База даних моста пошкоджена. Опалення керується як завжди, але нове не запам’ятовується. Перезапустіть міст: він поставить на її місце найновішу справну копію, а пошкоджену базу залишить поруч. Або відновіть резервну копію.',
    'health.store_replaced':
      'База даних моста була пошкоджена, і її місце зайняла копія. Усе, що було вивчено, налаштовано й змінено після її створення, втрачено: перевірте користувачів, токени API та налаштування. Опалення керується як завжди. Час копії:',
    'health.store_busy':
      'Інша програма утримує базу даних моста, тож нове не запам’ятовується. Опалення керується як завжди. Завершіть ту програму.',
    'health.store_failed':
      'Міст не може писати на диск, тож нове не запам’ятовується. Опалення керується як завжди. Перевірте диск і журнал моста.',
    'system.check.accounts': 'Облікові записи хмари',
    'system.check.history': 'Історія',
  },
  ru: {
    'health.store_full':
      'Диск моста заполнен. Отопление управляется как обычно, но изменения, энергия и новые устройства не запоминаются. Освободите место; мост заметит это сам.',
    'health.store_read_only':
      'Мост не может писать в свою папку данных. Отопление управляется как обычно, но изменения, энергия и новые устройства не запоминаются. Разрешите запись в папку; мост заметит это сам.',
    'health.store_damaged':
      'База данных моста повреждена. Отопление управляется как обычно, но новое не запоминается. Перезапустите мост: он поставит на её место самую новую исправную копию, а повреждённую базу оставит рядом. Или восстановите резервную копию.',
    'health.store_replaced':
      'База данных моста была повреждена, и её место заняла копия. Всё, что было узнано, настроено и изменено после её создания, потеряно: проверьте пользователей, токены API и настройки. Отопление управляется как обычно. Время копии:',
    'health.store_busy':
      'Другая программа держит базу данных моста, поэтому новое не запоминается. Отопление управляется как обычно. Завершите ту программу.',
    'health.store_failed':
      'Мост не может писать на диск, поэтому новое не запоминается. Отопление управляется как обычно. Проверьте диск и журнал моста.',
    'system.check.accounts': 'Облачные учётные записи',
    'system.check.history': 'История',
  },
}
