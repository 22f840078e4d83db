import { randomBytes } from 'node:crypto'
import t from 'tap'
import { isCommonPassword } from '../../src/core/passwords/common.ts'

t.test('passwords that guessers try first', async (t) => {
  const plain = [
    'password',
    'password1',
    'Password123',
    '12345678',
    '123456789',
    '1234567890',
    'qwertyui',
    'qwerty123456',
  ]
  const lists = [
    'iloveyou',
    'sunshine',
    'princess1',
    'football',
    'baseball',
    'superman',
    'welcome1',
    'trustno1',
    'letmein123',
  ]
  const keys = [
    '1q2w3e4r',
    '1qaz2wsx',
    'qazwsxedc',
    'zaq12wsx',
    'q1w2e3r4t5',
    'abcd1234',
    'asdfghjkl',
    '87654321',
    'йцукенгш',
  ]
  const same = ['11111111', 'aaaaaaaa', '12121212', 'adminadmin', 'qwertyqwerty', '00000000', '12341234']
  const signs = [
    'P@ssw0rd',
    'P4$$w0rd!',
    'pa55word',
    'Adm1n1strator',
    'we1come1',
    '!Password!',
    'pass.word.1',
    'ＰＡＳＳＷＯＲＤ',
  ]
  const dates = ['19901231', '31121990', '31.12.1990', '12-31-1990']
  const ours = [
    'thermo2mqtt',
    'Terneo123',
    'welrok2024',
    'secret2024',
    'Secret123!',
    'thermostat',
    'homeassistant',
    'admin1234',
    'change me please',
  ]
  const languages = ['пароль123', 'Привет2024', 'йцукен1234', 'gfhjkm123', 'Наташа1990', 'україна1']
  const common = [...plain, ...lists, ...keys, ...same, ...signs, ...dates, ...ours, ...languages]
  t.same(
    common.filter((password) => !isCommonPassword(password)),
    [],
  )
  t.ok(isCommonPassword('Olga1990', ['olga']), 'nor is one’s own name a secret')
  t.notOk(isCommonPassword('Olga1990'))
})

t.test('passwords that are good are taken', async (t) => {
  const good = [
    'correct-horse-ключ',
    'correct horse battery staple',
    'a-good-password',
    'thermo2mqtt-demo',
    'tülpenfeld 7',
  ]
  const people = [
    'vier bunte Gurken',
    'мій-кіт-їсть-гарбуз',
    'jk93hdfs',
    'ng5kd0ez',
    'three blind mice',
    'e2e-admin-password',
    'hunter2-admin',
    'Zwiebelkuchen!',
  ]
  const made = Array.from({ length: 500 }, () => randomBytes(15).toString('base64url'))
  t.same(
    [...good, ...people, ...made].filter((password) => isCommonPassword(password)),
    [],
  )
})
