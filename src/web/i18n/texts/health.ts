/** Lasting problems of the bridge: what they mean and what to do. */
export const health = {
  en: {
    'health.store_full':
      'The disk of the bridge is full. Heating is still controlled, but changes, energy and new devices are not saved. Free some space on it; the bridge notices by itself.',
    'health.store_read_only':
      'The bridge can’t write to its data folder. Heating is still controlled, but changes, energy and new devices are not saved. Make the folder writable; the bridge notices by itself.',
    'health.store_damaged':
      'The database of the bridge is damaged. Heating is still controlled, but nothing new is saved. Restart the bridge: it replaces the database with its newest intact copy and keeps the damaged one beside it. Or restore a backup.',
    'health.store_replaced':
      'The database of the bridge was damaged and has been replaced with a copy. Anything learned, set or changed after the copy was made is missing: check users, API tokens and settings. Heating is controlled as usual. The copy is from',
    'health.store_busy':
      'Another program has locked the database of the bridge, so nothing new is saved. Heating is still controlled. Stop that program.',
    'health.store_failed':
      'The bridge can’t write to its disk, so nothing new is saved. Heating is still controlled. Check the disk and the log of the bridge.',
    'health.another_bridge':
      'Another bridge uses the same topics at the MQTT broker. This one was there first and keeps running. Stop the other, or give each its own name (site) if you need both.',
    'health.standing_by':
      'Another bridge uses the same topics at the MQTT broker, and was there first. This one is on standby: Home Assistant and other programs reach only the other. Stop one of the two, or give each its own name (site) if you need both.',
    'health.client_id_taken':
      'Another client uses the client ID of this bridge at the MQTT broker, and the two keep disconnecting each other. Usually it is a second bridge with a copy of the data: stop one of them, or give one a different client ID (mqtt.client_id).',
    'health.mqtt_no_read':
      'The MQTT broker does not let the bridge read some topics, so commands may not arrive. Grant the bridge’s user that right at the broker; the log names the topics.',
    'health.mqtt_no_write':
      'The MQTT broker does not let the bridge write some topics, so devices may be missing in Home Assistant. Grant the bridge’s user that right at the broker; the log names the topics.',
    'health.mqtt_too_large':
      'Some messages are larger than the MQTT broker accepts and are left out. Raise its limit for the packet size; the log names the messages.',
    'health.mqtt_port_taken':
      'Another program, probably a broker such as Mosquitto, uses the port of the built-in broker. Heating is controlled from this page, but nothing else reaches the thermostats. Open System, Set up step by step, Broker, and choose which broker to use.',
    'system.check.bridges': 'Other bridges',
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
    'health.another_bridge':
      'На брокері MQTT під тими самими темами працює ще один міст. Цей був першим і працює далі. Зупиніть інший; якщо потрібні обидва, дайте кожному власну назву (site).',
    'health.standing_by':
      'На брокері MQTT під тими самими темами вже працює інший міст. Цей чекає: Home Assistant та інші програми бачать лише інший. Зупиніть один із двох; якщо потрібні обидва, дайте кожному власну назву (site).',
    'health.client_id_taken':
      'Інший клієнт користується на брокері MQTT ідентифікатором цього моста, і вони витісняють один одного. Найчастіше це другий міст із копією даних: зупиніть один із них або дайте одному інший ідентифікатор (mqtt.client_id).',
    'health.mqtt_no_read':
      'Брокер MQTT не дозволяє мосту читати деякі теми, тож команди можуть не доходити. Надайте користувачеві моста на брокері це право; теми названо в журналі.',
    'health.mqtt_no_write':
      'Брокер MQTT не дозволяє мосту писати в деякі теми, тож пристроїв може бракувати в Home Assistant. Надайте користувачеві моста на брокері це право; теми названо в журналі.',
    'health.mqtt_too_large':
      'Деякі повідомлення більші, ніж приймає брокер MQTT, і тому пропускаються. Збільште його межу розміру пакетів; повідомлення названо в журналі.',
    'health.mqtt_port_taken':
      'Порт вбудованого брокера зайняла інша програма, найімовірніше брокер, як-от Mosquitto. З цієї сторінки опалення керується, але інші програми не бачать терморегуляторів. Відкрийте «Система», «Налаштувати крок за кроком», «Брокер» і виберіть брокер.',
    'system.check.bridges': 'Інші мости',
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
    'health.another_bridge':
      'На брокере MQTT под теми же темами работает ещё один мост. Этот был первым и работает дальше. Остановите другой; если нужны оба, дайте каждому своё имя (site).',
    'health.standing_by':
      'На брокере MQTT под теми же темами уже работает другой мост. Этот ждёт: Home Assistant и другие программы видят только другой. Остановите один из двух; если нужны оба, дайте каждому своё имя (site).',
    'health.client_id_taken':
      'Другой клиент пользуется на брокере MQTT идентификатором этого моста, и они вытесняют друг друга. Чаще всего это второй мост с копией данных: остановите один из них или дайте одному другой идентификатор (mqtt.client_id).',
    'health.mqtt_no_read':
      'Брокер MQTT не разрешает мосту читать некоторые темы, поэтому команды могут не доходить. Дайте пользователю моста на брокере это право; темы названы в журнале.',
    'health.mqtt_no_write':
      'Брокер MQTT не разрешает мосту писать в некоторые темы, поэтому устройств может не хватать в Home Assistant. Дайте пользователю моста на брокере это право; темы названы в журнале.',
    'health.mqtt_too_large':
      'Некоторые сообщения больше, чем принимает брокер MQTT, и поэтому пропускаются. Увеличьте его предел размера пакетов; сообщения названы в журнале.',
    'health.mqtt_port_taken':
      'Порт встроенного брокера занят другой программой, скорее всего брокером, например Mosquitto. С этой страницы отопление управляется, но другие программы не видят терморегуляторов. Откройте «Система», «Настроить шаг за шагом», «Брокер» и выберите брокер.',
    'system.check.bridges': 'Другие мосты',
    'system.check.accounts': 'Облачные учётные записи',
    'system.check.history': 'История',
  },
}
