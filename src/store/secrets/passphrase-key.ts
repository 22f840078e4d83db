/** Keys made of passphrases, for files that leave the machine. */
import { scrypt } from 'node:crypto'
import { promisify } from 'node:util'

export interface ScryptCost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** What OWASP's password storage cheat sheet recommends since 2023: 128 MiB and some tenths of a second for each try. */
export const COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 }

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt)

/** The same passphrase typed on another system can come in other code points. */
export function keyOf(passphrase: string, salt: Buffer, { N, r, p }: ScryptCost, bytes: number): Promise<Buffer> {
  return derive(passphrase.normalize('NFKC'), salt, bytes, { N, r, p, maxmem: memory({ N, r, p }) + 2 ** 20 })
}

/**
 * The cost that the header of a file names; undefined when it is none, or demands more memory or work of the machine than a
 * file of ours ever did: a header is believed before the passphrase can prove it.
 */
export function readCost({ N, r, p }: Readonly<Record<string, unknown>>): ScryptCost | undefined {
  if (!isCount(N) || !isCount(r) || !isCount(p) || (N & (N - 1)) !== 0 || N < 2) return undefined
  const cost = { N, r, p }
  return memory(cost) > memory(COST) || work(cost) > work(COST) ? undefined : cost
}

const memory = ({ N, r, p }: ScryptCost): number => 128 * r * (N + p + 2)
const work = ({ N, r, p }: ScryptCost): number => N * r * p

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 2 ** 30
}
