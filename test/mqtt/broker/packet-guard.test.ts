import fc from 'fast-check'
import t from 'tap'
import { PacketGuard } from '../../../src/mqtt/broker/packet-guard.ts'

/** A packet with a body of `size` bytes; its length as MQTT 3.1.1, section 2.2.3 says. */
function publish(size: number): Buffer {
  const length: number[] = []
  for (let rest = size; length.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    length.push((rest % 128) + (rest >= 128 ? 128 : 0))
  }
  return Buffer.concat([Buffer.from([0x30, ...length]), Buffer.alloc(size)])
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

t.test('packets within the limit pass, however they are cut', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4000), { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 }), (sizes, at) => {
      const guard = new PacketGuard(5000, 5000)
      return cut(Buffer.concat(sizes.map(publish)), at).every((chunk) => guard.accepts(chunk))
    }),
  )
})

t.test('the first one too large is found in its header, however it is cut', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4000), { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 }), (sizes, at) => {
      const guard = new PacketGuard(5000, 5000)
      const bytes = Buffer.concat([...sizes.map(publish), publish(5001).subarray(0, 3)])
      return !cut(bytes, at).every((chunk) => guard.accepts(chunk))
    }),
  )
})

t.test('packets without body', async (t) => {
  const guard = new PacketGuard(10, 10)
  t.ok(guard.accepts(Buffer.from([0xc0, 0, 0xc0, 0, 0xe0, 0])))
})

t.test('the first packet has a limit of its own', async (t) => {
  t.notOk(new PacketGuard(100, 1000).accepts(publish(200)))
  const guard = new PacketGuard(100, 1000)
  t.ok(guard.accepts(publish(50)))
  t.ok(guard.accepts(publish(900)))
  t.notOk(guard.accepts(publish(1100)))
})

t.test('a length of more than four bytes is refused', async (t) => {
  t.notOk(new PacketGuard(1e9, 1e9).accepts(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff])))
  t.ok(new PacketGuard(1e9, 1e9).accepts(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])))
})
