/** Thermostats that are heard but can't be confirmed: why, and what to do. */
export const unconfirmed = {
  en: {
    'unconfirmed.title': 'Heard, but not confirmed',
    'unconfirmed.from': '{serial}, from {host}',
    'unconfirmed.empty': 'Its answers are empty. Switch its power off and on.',
    'unconfirmed.timeout':
      'It does not finish its answer in time. Check its Wi-Fi; a longer device.timeout in the settings helps.',
    'unconfirmed.unreachable':
      'Nothing answers there. Check firewalls and “client isolation”. In a container, use the host network, or set the address in the settings (devices, host).',
    'unconfirmed.busy': 'It keeps saying that it is busy. Stop other programs that query it.',
    'unconfirmed.other_device':
      'Another thermostat answers there. In a container, use the host network, or set the address in the settings (devices, host).',
    'unconfirmed.no_thermostat':
      'Something else answers there, such as a router. In a container, use the host network, or set the address in the settings (devices, host).',
    'unconfirmed.nameless':
      'A device answers there without giving its serial number, so it is not certain that it is this one. Set the address in the settings (devices, host).',
    'unconfirmed.gateway':
      'Several thermostats are heard from there, but none of them is there: a bridged container network hides the senders. Use the host network, or set the addresses in the settings (devices, host).',
  },
  uk: {
    'unconfirmed.title': 'Чутно, але не підтверджено',
    'unconfirmed.from': '{serial}, від {host}',
    'unconfirmed.empty': 'Його відповіді порожні. Вимкніть і ввімкніть його живлення.',
    'unconfirmed.timeout':
      'Він не встигає відповісти вчасно. Перевірте його Wi-Fi; допоможе більше значення device.timeout у налаштуваннях.',
    'unconfirmed.unreachable':
      'Там ніхто не відповідає. Перевірте мережевий екран та ізоляцію клієнтів; у контейнері використовуйте мережу хоста або вкажіть адресу в налаштуваннях (devices, host).',
    'unconfirmed.busy': 'Він увесь час відповідає, що зайнятий. Завершіть інші програми, які його опитують.',
    'unconfirmed.other_device':
      'Там відповідає інший терморегулятор. У контейнері використовуйте мережу хоста або вкажіть адресу в налаштуваннях (devices, host).',
    'unconfirmed.no_thermostat':
      'Те, що там відповідає, не терморегулятор, а, наприклад, роутер. У контейнері використовуйте мережу хоста або вкажіть адресу в налаштуваннях (devices, host).',
    'unconfirmed.nameless':
      'Там відповідає пристрій, який не називає свого серійного номера, і немає певності, що це саме він. Вкажіть адресу в налаштуваннях (devices, host).',
    'unconfirmed.gateway':
      'Звідти чутно кілька терморегуляторів, але жодного з них там немає: мережа контейнера (bridge) приховує відправника. Використовуйте мережу хоста або вкажіть адреси в налаштуваннях (devices, host).',
  },
  ru: {
    'unconfirmed.title': 'Слышно, но не подтверждено',
    'unconfirmed.from': '{serial}, от {host}',
    'unconfirmed.empty': 'Его ответы пусты. Выключите и включите его питание.',
    'unconfirmed.timeout':
      'Он не успевает ответить вовремя. Проверьте его Wi-Fi; поможет большее значение device.timeout в настройках.',
    'unconfirmed.unreachable':
      'Там никто не отвечает. Проверьте сетевой экран и изоляцию клиентов; в контейнере используйте сеть хоста или укажите адрес в настройках (devices, host).',
    'unconfirmed.busy': 'Он всё время отвечает, что занят. Завершите другие программы, которые его опрашивают.',
    'unconfirmed.other_device':
      'Там отвечает другой терморегулятор. В контейнере используйте сеть хоста или укажите адрес в настройках (devices, host).',
    'unconfirmed.no_thermostat':
      'То, что там отвечает, не терморегулятор, а, например, роутер. В контейнере используйте сеть хоста или укажите адрес в настройках (devices, host).',
    'unconfirmed.nameless':
      'Там отвечает устройство, которое не называет своего серийного номера, и нет уверенности, что это именно оно. Укажите адрес в настройках (devices, host).',
    'unconfirmed.gateway':
      'Оттуда слышно несколько терморегуляторов, но ни одного из них там нет: сеть контейнера (bridge) скрывает отправителя. Используйте сеть хоста или укажите адреса в настройках (devices, host).',
  },
}
