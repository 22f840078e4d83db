import fc from 'fast-check'
import t from 'tap'
import { AgeError, type AgeFault, openAge, sealAge } from '../../../src/store/secrets/age.ts'
import { bytesOf, PASSPHRASE, pieces, QUICK } from '../backup/support.ts'

t.test('any bytes come out of a file as they went in', async (t) => {
  const lengths = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(65535, 65536, 65537, 131072))
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 200, max: 70000 }), async (length, size) => {
      const bytes = Buffer.alloc(length, 'thermostat')
      const sealed = await sealAge(pieces(bytes, size), PASSPHRASE, QUICK)
      const file = await bytesOf(sealed.content)
      const opened = await bytesOf(openAge(pieces(file, size), PASSPHRASE))
      return file.length === sealed.size(length) && opened.equals(bytes)
    }),
    { numRuns: 15 },
  )
  t.pass()
})

t.test('nothing is made of a header that is none of ours', async (t) => {
  const file = await bytesOf((await sealAge(pieces(Buffer.alloc(99)), PASSPHRASE, QUICK)).content)
  const costly = Buffer.from(file.toString('latin1').replace(/ 1\n/, ' 19\n'), 'latin1')
  const refused = (content: AsyncIterable<Uint8Array>, fault: AgeFault, what: string) =>
    t.rejects(bytesOf(openAge(content, PASSPHRASE)), new AgeError(fault), what)
  await refused(pieces(costly), 'damaged', 'more work than is taken')
  let read = 0
  async function* endless() {
    yield Buffer.from('age-encryption.org/v1\n-> ')
    for (; read < 1e8; read += 1e6) yield Buffer.alloc(1e6, 'x')
  }
  await refused(endless(), 'foreign', 'a header without end')
  t.ok(read < 1e7, `${read} bytes were read`)
})

t.test('what the disk says is not taken for damage of the file', async (t) => {
  const file = await bytesOf((await sealAge(pieces(Buffer.alloc(200_000)), PASSPHRASE, QUICK)).content)
  async function* breaking() {
    yield file.subarray(0, 100_000)
    throw Object.assign(new Error('input/output error'), { code: 'EIO' })
  }
  await t.rejects(bytesOf(openAge(breaking(), PASSPHRASE)), { code: 'EIO' })
})

t.test('a file passes through little memory, and no faster than it is taken', async (t) => {
  let given = 0
  async function* endless() {
    for (; given < 1e9; given += 64 * 1024) yield Buffer.alloc(64 * 1024)
  }
  const sealed = await sealAge(endless(), PASSPHRASE, QUICK)
  async function* counted() {
    for await (const piece of sealed.content) yield piece
  }
  let taken = 0
  for await (const piece of openAge(counted(), PASSPHRASE)) {
    taken += piece.length
    if (taken > 5e6) break
  }
  t.ok(given - taken < 1e6, `${given - taken} bytes more were asked for than taken`)
})
