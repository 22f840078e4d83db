/** Settings of what the bridge does by itself for its people: watching, backups. */
export const settingsOfCare = {
  en: {
    'group.updates': 'Updates',
    'group.guardian': 'What is unusual',
    'setting.guardian.enabled': 'Watch devices and tell what is unusual',
    'group.backup': 'Daily backup',
    'setting.backup.passphrase': 'Passphrase of the daily backups',
    'setting.backup.keep': 'How many are kept',
  },
  uk: {
    'group.updates': 'Оновлення',
    'group.guardian': 'Незвичне',
    'setting.guardian.enabled': 'Спостерігати за пристроями й казати, що незвичне',
    'group.backup': 'Щоденна резервна копія',
    'setting.backup.passphrase': 'Парольна фраза щоденних копій',
    'setting.backup.keep': 'Скільки копій зберігати',
  },
  ru: {
    'group.updates': 'Обновления',
    'group.guardian': 'Необычное',
    'setting.guardian.enabled': 'Наблюдать за устройствами и говорить, что необычно',
    'group.backup': 'Ежедневная резервная копия',
    'setting.backup.passphrase': 'Парольная фраза ежедневных копий',
    'setting.backup.keep': 'Сколько копий хранить',
  },
}
