/** The standard tool opens what the bridge writes, and the bridge what that writes. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openKeyFile, sealKeyFile } from '../../../src/store/secrets/key-file.ts'
import { KEY } from '../support.ts'
import { AUDIT, fill, machine, made, PASSPHRASE, pieces } from './support.ts'

const missing = ['age', 'script', 'tar'].find((tool) => spawnSync(tool, ['--version']).error !== undefined)
const SKIP = missing === undefined ? {} : { skip: `${missing} is not installed: apt-get install age bsdutils tar` }

/** `age` asks a terminal for its passphrase, and nothing else. */
function age(t: Test, folder: string, command: string): void {
  const input = `${PASSPHRASE}\n${PASSPHRASE}\n`
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    input,
    encoding: 'utf8',
  })
  t.equal(status, 0, `${command}: ${stdout}`)
}

function tar(t: Test, folder: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync('tar', words, { cwd: folder, encoding: 'utf8' })
  t.equal(status, 0, `tar ${words.join(' ')}: ${stderr}`)
}

t.test('a backup is an archive of a data folder, which a person opens and packs anew', SKIP, async (t) => {
  const folder = t.testdir({ data: {} })
  const here = machine(t, join(folder, 'here'))
  fill(here)
  writeFileSync(join(folder, 'house.tar.age'), await made(here))
  age(t, folder, 'age --decrypt --output house.tar house.tar.age')
  tar(t, folder, '--extract', '--file', 'house.tar', '--directory', 'data')
  t.strictSame(readdirSync(join(folder, 'data')).sort(), ['backup.json', 'store.key', 'thermo2mqtt.db'])
  const about: unknown = JSON.parse(readFileSync(join(folder, 'data/backup.json'), 'utf8'))
  t.match(about, { program: 'thermo2mqtt', version: '1.2.3' })

  tar(t, folder, '--create', '--file', 'own.tar', '--directory', 'data', '.')
  age(t, folder, 'age --passphrase --output own.tar.age own.tar')
  const { id } = await here.backups.receive(pieces(readFileSync(join(folder, 'own.tar.age'))))
  t.match(await here.backups.restore(id, PASSPHRASE, AUDIT), {
    version: '1.2.3',
    devices: 1,
    keys: 1,
    users: ['admin'],
  })

  const { store, log } = machine(t, join(folder, 'data'))
  t.equal(store.values.getSecret('a.secret'), 'secret-value', 'a bridge starts in the folder')
  t.match(store.keys.all(), [{ key: KEY }])
  t.strictSame(log.problems(), [])
})

t.test('a file of keys is one document, both ways', SKIP, async (t) => {
  const folder = t.testdir({ 'own.json': '{"keys":[]}\n' })
  writeFileSync(join(folder, 'keys.age'), await sealKeyFile('{"keys":[1]}\n', PASSPHRASE))
  age(t, folder, 'age --decrypt --output keys.json keys.age')
  t.equal(readFileSync(join(folder, 'keys.json'), 'utf8'), '{"keys":[1]}\n')
  age(t, folder, 'age --passphrase --output own.age own.json')
  t.equal(await openKeyFile(readFileSync(join(folder, 'own.age')), PASSPHRASE), '{"keys":[]}\n')
})
