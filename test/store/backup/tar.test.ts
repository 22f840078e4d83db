/** An archive is read in little memory and time, whatever somebody has put into it. */
import { text } from 'node:stream/consumers'
import { packTar } from 'modern-tar'
import t from 'tap'
import { readTar } from '../../../src/store/backup/tar.ts'
import { AUDIT, contentOf, crafted, fill, machine, made, pieces } from './support.ts'

const END = Buffer.alloc(1024)

/** @param size as it stands there */
function header(name: string, type: string, size: number | string): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0)
  block.write(typeof size === 'string' ? size : size.toString(8).padStart(11, '0'), 124, 'latin1')
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((all, byte) => all + byte, 8 * 32)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

async function read(archive: AsyncIterable<Uint8Array>): Promise<string[]> {
  const found: string[] = []
  for await (const { name, kind, content } of readTar(archive)) found.push(`${kind} ${name} ${await text(content)}`)
  return found
}

const readAll = (...parts: readonly Buffer[]) => read(pieces(Buffer.concat(parts)))

t.test('what extended headers say is passed over, however long they are', async (t) => {
  const piece = Buffer.from('10 abcde=\n'.repeat(8192)).subarray(0, 64 * 1024)
  const pieces = 16 * 1024
  let closed = false
  async function* archive() {
    try {
      for (const type of ['x', 'g']) {
        yield header('long', type, pieces * piece.length)
        for (let i = 0; i < pieces; i++) yield piece
      }
      yield Buffer.concat([header('a', '0', 1), Buffer.from('b'.padEnd(512, '\0')), END])
    } finally {
      closed = true
    }
  }
  t.same(await read(archive()), ['file a b'])
  t.ok(closed)
})

t.test('what is no whole archive is refused, and what it came in is closed', async (t) => {
  const file = Buffer.concat([header('a', '0', 1), Buffer.alloc(512)])
  const rows: readonly [string, readonly Buffer[]][] = [
    ['nothing', []],
    ['half a header', [file.subarray(0, 300)]],
    ['half a file', [file.subarray(0, 800)]],
    ['no end', [file]],
    ['something behind the end', [file, END, Buffer.from('x')]],
    ['a header with another sum', [Buffer.from(file).fill('b', 0, 1), END]],
    ['a negative size', [header('a', '0', '-0000000001'), END]],
    ['a size beyond all', [header('a', '0', '77777777777'), END]],
    ['a size in another form', [header('a', '0', `\x80${'\xff'.repeat(11)}`), END]],
    ['no size', [header('a', '0', ''), END]],
    ['folders without end', [...Array.from({ length: 1001 }, () => header('d/', '5', 0)), END]],
    ['extended headers without end', [...Array.from({ length: 1001 }, () => header('x', 'x', 0)), END]],
  ]
  const taken: string[] = []
  let closed = 0
  for (const [what, parts] of rows) {
    async function* archive() {
      try {
        yield* pieces(Buffer.concat(parts))
      } finally {
        closed++
      }
    }
    await read(archive()).then(
      () => taken.push(what),
      () => undefined,
    )
  }
  t.same(taken, [])
  t.equal(closed, rows.length)
})

t.test('what is not read is passed over', async (t) => {
  const archive = Buffer.concat([
    header('d/', '5', 99),
    header('link', '2', 0),
    header('L', 'L', 700),
    Buffer.alloc(1024, 'x'),
    header('last', '0', 3),
    Buffer.from('abc'.padEnd(512, '\0')),
    END,
  ])
  const names: string[] = []
  for await (const { name, kind } of readTar(pieces(archive, 7))) names.push(`${kind} ${name}`)
  t.same(names, ['directory d/', 'other link', 'other L', 'file last'])
})

t.test('the pieces may be cut anywhere, and a name may be in two parts', async (t) => {
  const name = `${'folder/'.repeat(20)}file`
  const archive = Buffer.from(await packTar([{ header: { name, size: 5 }, body: 'bytes' }]))
  for (const size of [1, 511, 512, 513, 9999]) t.same(await read(pieces(archive, size)), [`file ${name} bytes`])
  t.same(await readAll(END), [])
  t.equal((await readAll(...Array.from({ length: 1000 }, () => header('d/', '5', 0)), END)).length, 1000)
})

t.test('a backup that was packed anew with extended headers is restored', async (t) => {
  const here = machine(t)
  fill(here)
  const content = await contentOf(await made(here))
  const pax = { comment: 'x'.repeat(5000), atime: '1.5' }
  const { id } = await here.backups.receive(
    pieces(await crafted([...content].map(([name, bytes]) => [name, bytes, { pax }] as const))),
  )
  const restored = await here.backups.restore(id, 'long enough for a test', AUDIT)
  t.match(restored, { version: '1.2.3', devices: 1, keys: 1 })
})
