import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { newBackup, openBackup, readBackup, sealBackup } from '../../../src/store/backup/file.ts'
import { bytesOf, PASSPHRASE, pieces, QUICK } from './support.ts'

t.test('any bytes come out of a file as they went in', async (t) => {
  const path = join(t.testdir({}), 'file')
  const key = await newBackup(PASSPHRASE, QUICK)
  const lengths = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(65535, 65536, 65537, 131072))
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 1, max: 70000 }), async (length, size) => {
      const bytes = Buffer.alloc(length, 'thermostat')
      const about = { created: new Date(0).toISOString(), bridge: 'x', parts: [{ name: 'a.db', bytes: length }] }
      const { size: expected, chunks } = sealBackup(key, about, pieces(bytes, size))
      const file = await bytesOf(chunks)
      writeFileSync(path, file)
      const { content } = await openBackup(path, await readBackup(path), PASSPHRASE)
      return file.length === expected && (await bytesOf(content)).equals(bytes)
    }),
    { numRuns: 15 },
  )
})
