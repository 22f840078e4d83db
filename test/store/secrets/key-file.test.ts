import fc from 'fast-check'
import t from 'tap'
import { openKeyFile, sealKeyFile } from '../../../src/store/secrets/key-file.ts'
import { COST } from '../../../src/store/secrets/passphrase-key.ts'

/** Cheap, as the cost is no matter here; one test takes the real one. */
const CHEAP = { N: 16, r: 8, p: 1 }
const PASSPHRASE = 'correct horse battery'

const changed = (file: string, change: object) => JSON.stringify({ ...JSON.parse(file), ...change })

t.test('what was sealed opens, at the cost that is recommended', async (t) => {
  const file = await sealKeyFile('{"keys":[]}', PASSPHRASE)
  t.match(JSON.parse(file), { format: 'thermo2mqtt keys', version: 1, kdf: 'scrypt', ...COST, cipher: 'aes-256-gcm' })
  t.same(COST, { N: 131072, r: 8, p: 1 })
  t.equal(await openKeyFile(file, PASSPHRASE), '{"keys":[]}')
})

t.test('any text, any passphrase, and nothing of either is to be seen', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1 }), async (text, passphrase) => {
      const file = await sealKeyFile(text, passphrase, CHEAP)
      t.equal(await openKeyFile(file, passphrase), text)
    }),
    { numRuns: 50 },
  )
  const file = await sealKeyFile('AAD4EXAJX4E8A8XT', PASSPHRASE, CHEAP)
  t.notMatch(file, /AAD4EXAJX4E8A8XT|horse/)
  t.not(await sealKeyFile('AAD4EXAJX4E8A8XT', PASSPHRASE, CHEAP), file, 'salt and nonce are new each time')
})

t.test('a passphrase is the same however the keyboard composes it', async (t) => {
  const file = await sealKeyFile('x', 'schlu\u0308ssel', CHEAP)
  t.equal(await openKeyFile(file, 'schl\u00fcssel'), 'x')
})

t.test('what does not open says why', async (t) => {
  const file = await sealKeyFile('{"keys":[]}', PASSPHRASE, CHEAP)
  const { salt, nonce, data } = JSON.parse(file)
  const flipped = Buffer.from(data, 'base64')
  flipped[0] = (flipped[0] ?? 0) ^ 1
  const cases: Readonly<Record<string, readonly [text: string, passphrase: string, message: RegExp]>> = {
    'another passphrase': [file, `${PASSPHRASE} `, /^The passphrase is wrong, or the file was changed/],
    'a byte of the data': [changed(file, { data: flipped.toString('base64') }), PASSPHRASE, /^The passphrase is wrong/],
    'the cost in the header': [changed(file, { N: 32 }), PASSPHRASE, /^The passphrase is wrong/],
    'cut off': [file.slice(0, -20), PASSPHRASE, /cut off or damaged/],
    'cut off within the data': [changed(file, { data: data.slice(0, 8) }), PASSPHRASE, /cut off or damaged/],
    'a later version': [changed(file, { version: 2 }), PASSPHRASE, /later version of thermo2mqtt \(its format is 2/],
    'no version': [changed(file, { version: 'one' }), PASSPHRASE, /damaged/],
    'another derivation': [changed(file, { kdf: 'argon2' }), PASSPHRASE, /damaged/],
    'no salt': [changed(file, { salt: 5 }), PASSPHRASE, /damaged/],
    'a short salt': [changed(file, { salt: salt.slice(4) }), PASSPHRASE, /damaged/],
    'a short nonce': [changed(file, { nonce: nonce.slice(4) }), PASSPHRASE, /damaged/],
    'a cost that would take all memory': [changed(file, { N: 2 ** 29 }), PASSPHRASE, /damaged/],
    'twice the memory of ours': [changed(file, { N: 2 * COST.N }), PASSPHRASE, /damaged/],
    'much memory in another way': [changed(file, { N: 2, r: 2 ** 19, p: 1 }), PASSPHRASE, /damaged/],
    'the memory of ours, twice the time': [changed(file, { ...COST, p: 2 }), PASSPHRASE, /damaged/],
    'a cost that would take all time': [changed(file, { p: 2 ** 20 }), PASSPHRASE, /damaged/],
    'a cost that is none': [changed(file, { N: 100 }), PASSPHRASE, /damaged/],
    empty: ['', PASSPHRASE, /^This is no file of "thermo2mqtt keys export"/],
    'some other JSON': ['{"version":1}', PASSPHRASE, /^This is no file/],
    'a list': ['[]', PASSPHRASE, /^This is no file/],
    'some other file': ['\u0000\u0001SQLite format 3', PASSPHRASE, /^This is no file/],
  }
  for (const [what, [text, passphrase, message]] of Object.entries(cases)) {
    await t.rejects(openKeyFile(text, passphrase), { code: 'BAD_REQUEST', message }, what)
  }
})
