import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { type RecordId, Vault } from '../../../src/store/secrets/vault.ts'
import { KEY } from '../support.ts'

const record: RecordId = ['device_keys', 'A', 'home']

t.test('what is sealed opens again, for that record alone', async (t) => {
  const vault = new Vault(randomBytes(32))
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string(), { maxLength: 3 }), (secret, id) => {
      const sealed = vault.seal(secret, ['table', ...id])
      t.equal(vault.open(sealed, ['table', ...id]), secret)
      t.equal(vault.open(sealed, ['table', ...id, '']), undefined)
      t.equal(vault.open(sealed, ['other', ...id]), undefined)
    }),
    { numRuns: 50 },
  )
  const joined = vault.seal(KEY, ['t', 'a', 'b/c'])
  t.equal(vault.open(joined, ['t', 'a/b', 'c']), undefined)
})

t.test('the same secret never looks the same twice, and never shows', async (t) => {
  const vault = new Vault(randomBytes(32))
  const first = vault.seal(KEY, record)
  t.notSame(first, vault.seal(KEY, record))
  t.notOk(first.includes(KEY))
})

t.test('one changed byte anywhere, or a cut, closes it', async (t) => {
  const vault = new Vault(randomBytes(32))
  const sealed = vault.seal(KEY, record)
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(i) ^ 1, i)
    t.equal(vault.open(changed, record), undefined, `byte ${i}`)
    t.equal(vault.open(sealed.subarray(0, i), record), undefined, `cut at ${i}`)
  }
})

t.test('another master key does not open it, and its header tells', async (t) => {
  const [mine, other] = [new Vault(randomBytes(32)), new Vault(randomBytes(32))]
  const sealed = mine.seal(KEY, record)
  t.equal(other.open(sealed, record), undefined)
  t.ok(sealed.subarray(0, mine.header.length).equals(mine.header))
  t.notOk(sealed.subarray(0, other.header.length).equals(other.header))
})
