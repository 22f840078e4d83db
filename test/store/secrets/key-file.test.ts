import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { openKeyFile, sealKeyFile } from '../../../src/store/secrets/key-file.ts'

/** Cheap, as the work is no matter here; one test takes the real one. */
const CHEAP = 1
const PASSPHRASE = 'correct horse battery'

t.test('what was sealed opens, at the work that is recommended', async (t) => {
  const file = await sealKeyFile('{"keys":[]}', PASSPHRASE)
  t.match(file.toString('latin1'), /^age-encryption\.org\/v1\n-> scrypt \S{22} 17\n/)
  t.equal(await openKeyFile(file, PASSPHRASE), '{"keys":[]}')
})

t.test('any text, any passphrase, and nothing of either is to be seen', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1 }), async (text, passphrase) => {
      return (await openKeyFile(await sealKeyFile(text, passphrase, CHEAP), passphrase)) === text
    }),
    { numRuns: 50 },
  )
  const file = await sealKeyFile('AAD4EXAJX4E8A8XT', PASSPHRASE, CHEAP)
  t.notMatch(file.toString('latin1'), /AAD4EXAJX4E8A8XT|horse/)
  t.not(await sealKeyFile('AAD4EXAJX4E8A8XT', PASSPHRASE, CHEAP), file, 'salt and nonce are new each time')
})

t.test('a passphrase is the same however the keyboard composes it', async (t) => {
  const file = await sealKeyFile('x', 'schlu\u0308ssel', CHEAP)
  t.equal(await openKeyFile(file, 'schl\u00fcssel'), 'x')
})

t.test('what does not open says why', async (t) => {
  const file = await sealKeyFile('{"keys":[]}', PASSPHRASE, CHEAP)
  const flipped = Buffer.from(file)
  flipped.writeUInt8(flipped.readUInt8(file.length - 5) ^ 1, file.length - 5)
  const costly = Buffer.from(file.toString('latin1').replace(/ 1\n/, ' 22\n'), 'latin1')
  const cases: Readonly<Record<string, readonly [file: Buffer, passphrase: string, message: RegExp]>> = {
    'another passphrase': [file, `${PASSPHRASE} `, /^The passphrase is wrong, or the file was changed/],
    'a byte of the data': [flipped, PASSPHRASE, /incomplete or damaged/],
    'cut off': [file.subarray(0, -5), PASSPHRASE, /incomplete or damaged/],
    'cut off within the header': [file.subarray(0, 100), PASSPHRASE, /is incomplete\./],
    'work that would take all memory': [costly, PASSPHRASE, /damaged/],
    empty: [Buffer.alloc(0), PASSPHRASE, /^This is not a file of "thermo2mqtt keys export"/],
    'some JSON': [Buffer.from('{"version":1}'), PASSPHRASE, /^This is not a file/],
    'some other file': [Buffer.from('\u0000\u0001SQLite format 3'), PASSPHRASE, /^This is not a file/],
  }
  for (const [what, [bytes, passphrase, message]] of Object.entries(cases)) {
    await t.rejects(openKeyFile(bytes, passphrase), { code: 'BAD_REQUEST', message }, what)
  }
})

t.test('a file in the first format opens, and one that does not says why', async (t) => {
  const old = readFileSync('test/fixtures/first-format/keys.json')
  t.match(JSON.parse(await openKeyFile(old, PASSPHRASE)), { keys: [{ key: 'AAD4EXAJX4E8A8XT' }], devices: [{}] })
  const parsed = JSON.parse(old.toString())
  const { salt, nonce, data } = parsed
  const changed = (change: object) => Buffer.from(JSON.stringify({ ...parsed, ...change }))
  const flipped = Buffer.from(data, 'base64')
  flipped[0] = (flipped[0] ?? 0) ^ 1
  const cases: Readonly<Record<string, readonly [file: Buffer, passphrase: string, message: RegExp]>> = {
    'another passphrase': [old, `${PASSPHRASE} `, /^The passphrase is wrong, or the file was changed/],
    'a byte of the data': [changed({ data: flipped.toString('base64') }), PASSPHRASE, /^The passphrase is wrong/],
    'another field': [changed({ more: 1, data }), PASSPHRASE, /^The passphrase is wrong/],
    'cut off': [old.subarray(0, -20), PASSPHRASE, /incomplete or damaged/],
    'cut off within the data': [changed({ data: data.slice(0, 8) }), PASSPHRASE, /incomplete or damaged/],
    'another version': [changed({ version: 2 }), PASSPHRASE, /damaged/],
    'another derivation': [changed({ kdf: 'argon2' }), PASSPHRASE, /damaged/],
    'no salt': [changed({ salt: 5 }), PASSPHRASE, /damaged/],
    'a short salt': [changed({ salt: salt.slice(4) }), PASSPHRASE, /damaged/],
    'a short nonce': [changed({ nonce: nonce.slice(4) }), PASSPHRASE, /damaged/],
    'all memory': [changed({ N: 2 ** 29 }), PASSPHRASE, /damaged/],
    'twice the memory of ours': [changed({ N: 2 ** 18 }), PASSPHRASE, /damaged/],
    'much memory in another way': [changed({ N: 2, r: 2 ** 19, p: 1 }), PASSPHRASE, /damaged/],
    'twice the time': [changed({ p: 2 }), PASSPHRASE, /damaged/],
  }
  for (const [what, [bytes, passphrase, message]] of Object.entries(cases)) {
    await t.rejects(openKeyFile(bytes, passphrase), { code: 'BAD_REQUEST', message }, what)
  }
})
