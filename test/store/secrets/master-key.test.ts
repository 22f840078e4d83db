import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { KEY, open, SERIAL } from '../support.ts'

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)

t.test('the first start makes a key of mode 0600, the second uses it', async (t) => {
  const dir = t.testdir()
  const first = open(t, dir)
  const file = join(dir, 'store.key')
  t.match(readFileSync(file, 'utf8'), /^[A-Za-z0-9+/]{43}=\n$/)
  t.equal(mode(file), '600')
  first.store.keys.put('home', [{ serial: SERIAL, key: KEY }])
  first.store.close()
  const again = open(t, dir)
  t.match(again.store.keys.of(SERIAL), [{ key: KEY }])
  t.same(
    readdirSync(dir).filter((name) => name.startsWith('store.key')),
    ['store.key'],
    'no temporary file is left',
  )
  const text = readFileSync(file, 'utf8').trim()
  again.log.logger.info({ note: text }, 'shows the key')
  t.notOk(again.log.text().includes(text), 'the master key is a secret to the log')
})

t.test('a key file somewhere else is made there, and used', async (t) => {
  const dir = t.testdir({ keys: {}, data: {} })
  const keyFile = join(dir, 'keys', 'master')
  const first = open(t, join(dir, 'data'), { keyFile })
  first.store.values.setSecret('admin', 'correct horse')
  first.store.close()
  t.equal(mode(keyFile), '600')
  t.notOk(readdirSync(join(dir, 'data')).includes('store.key'))
  t.equal(open(t, join(dir, 'data'), { keyFile }).store.values.getSecret('admin'), 'correct horse')
})

t.test('a key file that others can read is told, and still used', async (t) => {
  const dir = t.testdir()
  open(t, dir).store.close()
  chmodSync(join(dir, 'store.key'), 0o644)
  const { log } = open(t, dir)
  t.match(
    log.lines.filter((line) => line.level === 'warn'),
    [{ msg: /chmod 600/ }],
  )
})

t.test('lost key: said once, nothing changed, each record replaced only by its own new value', async (t) => {
  const home = t.testdir({ data: {} })
  const dir = join(home, 'data')
  const kept = join(home, 'kept.key')
  const first = open(t, dir)
  first.store.keys.put('home', [
    { serial: SERIAL, key: KEY },
    { serial: 'B0001', key: 'BBBBBBBBBBBBBBBB' },
  ])
  first.store.sessions.put('home', 'terneo', 'id', { token: 'abcdefgh' })
  first.store.values.setSecret('admin', 'correct horse')
  first.store.close()
  copyFileSync(join(dir, 'store.key'), kept)
  rmSync(join(dir, 'store.key'))

  const lost = open(t, dir)
  const errors = lost.log.problems()
  t.equal(errors.length, 1)
  t.match(errors[0]?.msg, /store\.key.*thermo2mqtt\.db: 2 device keys, 1 account sessions, 1 other secrets/)
  t.same(lost.store.keys.of(SERIAL), [])
  t.same(lost.store.keys.all(), [])
  t.equal(lost.store.sessions.get('home', 'id'), undefined)
  t.equal(lost.store.values.getSecret('admin'), undefined)
  t.equal(lost.store.values.hasSecret('admin'), true)
  lost.store.keys.accepted(SERIAL, KEY)
  t.equal(lost.log.problems().length, 1, 'reading says nothing more')
  t.same(lost.store.keys.put('home', [{ serial: SERIAL, key: 'CCCCCCCCCCCCCCCC' }]), [
    { serial: SERIAL, previous: false },
  ])
  lost.store.close()

  copyFileSync(kept, join(dir, 'store.key'))
  const back = open(t, dir)
  t.match(back.store.keys.all(), [{ serial: 'B0001', key: 'BBBBBBBBBBBBBBBB' }], 'the record not replaced opens again')
  t.same(back.store.sessions.get('home', 'id'), { token: 'abcdefgh' })
  t.equal(back.store.values.getSecret('admin'), 'correct horse')
  t.match(
    back.log.lines.filter((line) => line.level === 'error'),
    [{ msg: /: 1 device keys/ }],
  )
})

t.test('an unusable key file in the data folder is set aside', async (t) => {
  for (const content of ['', 'hello', `${'A'.repeat(44)}\n`]) {
    const dir = t.testdir({ 'store.key': content })
    const { store, log } = open(t, dir)
    store.keys.put('home', [{ serial: SERIAL, key: KEY }])
    const aside = readdirSync(dir).filter((name) => name.startsWith('store.key.unusable-2026-01-15'))
    t.equal(aside.length, 1)
    t.equal(readFileSync(join(dir, aside[0] ?? ''), 'utf8'), content, 'as it was')
    t.match(log.problems(), [{ level: 'error', msg: /contains no master key.*openssl rand/ }])
    store.close()
  }
})

t.test('an unusable key file of the user is refused and left alone', async (t) => {
  const dir = t.testdir({ master: 'hello', data: {}, folder: {} })
  const refused = (keyFile: string) => () => open(t, join(dir, 'data'), { keyFile })
  t.throws(refused(join(dir, 'master')), { code: 'BAD_REQUEST', message: /T2M_STORE_KEY_FILE.*contains no master key/ })
  t.equal(readFileSync(join(dir, 'master'), 'utf8'), 'hello')
  t.throws(refused(join(dir, 'folder')), {
    code: 'BAD_REQUEST',
    message: /^store\.key_file .*can’t be read \(EISDIR\)/,
  })
  t.throws(refused(join(dir, 'nowhere', 'master')), {
    code: 'BAD_REQUEST',
    message: /^store\.key_file .*can’t be created \(ENOENT\)/,
  })
})

t.test('a data folder that can’t be created is told', async (t) => {
  const dir = t.testdir({ file: '' })
  t.throws(() => open(t, join(dir, 'file', 'data')), {
    code: 'INTERNAL',
    message: /can’t be created \(ENOTDIR\).*data_dir/,
  })
})

t.test('folder and files are closed to others', async (t) => {
  const dir = t.testdir({ old: {} })
  chmodSync(join(dir, 'old'), 0o755)
  mkdirSync(join(dir, 'new'), { mode: 0o777 })
  rmSync(join(dir, 'new'), { recursive: true })
  for (const name of ['old', 'new']) {
    const data = join(dir, name)
    if (name === 'old') writeFileSync(join(data, 'thermo2mqtt.db'), '', { mode: 0o644 })
    const { store } = open(t, data)
    store.values.set('a', 'b')
    t.equal(mode(data), '700')
    for (const file of ['thermo2mqtt.db', 'thermo2mqtt.db-wal', 'thermo2mqtt.db-shm', 'store.key']) {
      t.equal(mode(join(data, file)), '600', `${name}/${file}`)
    }
  }
})
