/** Power cuts: the disk holds what was synced, and of everything after it some and not the rest. */
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { seededRandom } from '../../../src/simulator/index.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import { PATIENCE } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { logBook, open as reopen } from '../support.ts'

const DATABASE = 'thermo2mqtt.db'
const JOURNAL = `${DATABASE}-wal`
const BLOCK = 4096
const random = seededRandom(9)

/** A store, and what of its journal is on the disk. */
class Machine {
  readonly store: Store
  readonly #dataDir: string
  #synced: Buffer = Buffer.alloc(0)
  #commits = 0
  #acknowledged = -1
  #large = false

  constructor(t: Test, dataDir: string) {
    const { logger, secrets } = logBook()
    this.#dataDir = dataDir
    const sync = async (path: string) => {
      this.#synced = await readFile(path)
      return this.#large ? 5_000_000 : 1
    }
    this.store = openStore({ dataDir, clock: new FakeClock(), logger, secrets, free: true, sync })
    t.teardown(() => this.store.close())
  }

  commit(): void {
    this.store.transaction(() => {
      this.store.values.set(`value-${this.#commits}`, 'x'.repeat(random() * 6_000))
      this.store.values.set('last', String(this.#commits))
    })
    this.#commits++
  }

  async acknowledge(): Promise<void> {
    const until = this.#commits - 1
    await this.store.durable()
    this.#acknowledged = until
  }

  /**
   * Until the journal is in the file, as it comes to be when it is large. Nobody moves it any more then: what the process that does
   * brings to the disk by itself would not be known here.
   */
  async empty(): Promise<void> {
    this.#large = true
    const emptied = () => statSync(join(this.#dataDir, JOURNAL)).size < this.#synced.length
    // Whoever reads at that moment puts it off until a later commit; but a commit that comes too soon puts it off as well.
    for (let wait = 200; wait === 200 || !emptied(); wait *= 2) {
      if (wait > PATIENCE) throw new Error('The journal was not moved into the file.')
      this.commit()
      await this.acknowledge()
      const end = performance.now() + wait
      while (!emptied() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    this.#large = false
  }

  /** What does not hold after a power cut now. */
  cut(t: Test, to: string): string[] {
    mkdirSync(to)
    // The journal first: another process may move it into the file at any moment, and then the copy would have it in neither.
    writeFileSync(join(to, JOURNAL), this.#journal())
    for (const name of [DATABASE, 'store.key']) copyFileSync(join(this.#dataDir, name), join(to, name))
    const { store, log } = reopen(t, to)
    const last = Number(store.values.get('last') ?? -1)
    const there = Array.from({ length: last + 1 }, (_, index) => store.values.get(`value-${index}`) !== undefined)
    store.close()
    return [
      ...(last < this.#acknowledged ? [`${this.#acknowledged} was acknowledged, ${last} is there`] : []),
      ...(there.includes(false) ? [`of ${last} some are missing`] : []),
      ...log.problems().map(({ msg }) => msg),
    ]
  }

  /** A file that was cut to nothing has either its blocks of before, all of them, or new ones in their place. */
  #journal(): Buffer {
    const now = readFileSync(join(this.#dataDir, JOURNAL))
    const wasEmptied = now.length < this.#synced.length
    if (wasEmptied && random() < 0.3) return this.#synced
    const disk = Buffer.alloc(now.length)
    if (!wasEmptied) this.#synced.copy(disk)
    // The later ones may well come first.
    const from = Math.floor(random() * 8)
    for (let block = from; block * BLOCK < now.length; block++) {
      if (random() < 0.7) now.copy(disk, block * BLOCK, block * BLOCK, (block + 1) * BLOCK)
    }
    return disk
  }
}

t.test('whatever else came to the disk: all that was said to be kept is there, and nothing is damaged', async (t) => {
  const folder = t.testdir({ data: {} })
  const machine = new Machine(t, join(folder, 'data'))
  const wrong: string[] = []
  for (let round = 0; round < 12; round++) {
    for (let commits = 0; commits < 6; commits++) machine.commit()
    await machine.acknowledge()
    for (let commits = 0; commits < 3; commits++) machine.commit()
    wrong.push(...machine.cut(t, join(folder, `full-${round}`)))
    await machine.empty()
    for (let commits = 0; commits < 4; commits++) machine.commit()
    wrong.push(...machine.cut(t, join(folder, `anew-${round}`)))
  }
  t.same(wrong, [])
})
