import type { JsonObject } from '../../core/json.ts'
import { objectOfList } from '../../protocol/d2w.ts'
import { type ParameterList, parseParameters } from '../../protocol/replies.ts'
import type { Exchanger } from '../exchange/index.ts'
import type { Reader } from '../reader.ts'
import type { Change, WriteOutcome } from '../types.ts'
import type { Verdict } from './authorizer.ts'
import { deliver, type Operation } from './delivery.ts'
import { type Signature, writeBody } from './sign.ts'

export interface ParameterWriteOptions {
  readonly serial: string
  readonly reader: Reader
  readonly exchanger: Exchanger
  readonly changes: readonly Change[]
}

/** Two raw values are equal if they are the same number, however written. */
function same(a: string, b: string): boolean {
  return a === b || (a.trim() !== '' && Number(a) === Number(b))
}

/** The alternative that the list shows; undefined if none. */
function shown({ id, raws }: Change, list: ParameterList | null): string | undefined {
  const value = list?.get(id)?.value
  return value === undefined ? undefined : raws.find((raw) => same(raw, value))
}

/** One write of parameters, with the alternatives to try for ignored values. */
export class ParameterWrite {
  readonly #options: ParameterWriteOptions

  constructor(options: ParameterWriteOptions) {
    this.#options = options
  }

  async send(sign: (() => Signature) | undefined): Promise<Verdict<WriteOutcome>> {
    const { reader, exchanger, changes } = this.#options
    let left = changes
    let proven = false
    for (let way = 0; ; way++) {
      const batch = left.filter(({ raws }) => raws[way] !== undefined)
      if (batch.length === 0) return this.#verdict(proven)
      const before = reader.known
      const delivered = await deliver(exchanger, this.#operation(batch, way, before), sign)
      if (delivered === 'blocked') return proven ? this.#verdict(proven) : { result: 'blocked' }
      proven ||= delivered.full || batch.some(({ id }) => changed(id, before, delivered.result))
      left = left.filter((change) => shown(change, delivered.result) === undefined)
    }
  }

  #operation(batch: readonly Change[], way: number, before: ParameterList | null): Operation<ParameterList> {
    const { reader, exchanger } = this.#options
    const serial = exchanger.spelling ?? this.#options.serial
    const rows = batch.map(({ id, type, raws }) => [id, type, raws[way] ?? ''] as const)
    const { dialect } = exchanger
    const data = `"par":${dialect === 'object' ? objectOfList(rows) : JSON.stringify(rows)}`
    return {
      body: (sign) => writeBody(serial, data, sign, dialect),
      fromReply: (reply) => this.#readBackOf(reply, batch),
      readBack: () => reader.parameters(),
      applied: (list) =>
        batch.some(({ id }) => changed(id, before, list)) || batch.every((change) => shown(change, list) !== undefined),
    }
  }

  #readBackOf(reply: JsonObject, batch: readonly Change[]): ParameterList | 'accepted' | undefined {
    if (!('par' in reply)) return undefined
    const list = parseParameters(reply)
    if (!batch.every(({ id }) => list.has(id))) return 'accepted'
    this.#options.reader.note(list)
    return list
  }

  #verdict(proven: boolean): Verdict<WriteOutcome> {
    const { reader, changes } = this.#options
    const used = new Map<number, string>()
    for (const change of changes) {
      const raw = shown(change, reader.known)
      if (raw !== undefined) used.set(change.id, raw)
    }
    const notApplied = changes.filter(({ id }) => !used.has(id)).map(({ id }) => id)
    const value = { parameters: reader.known ?? new Map(), notApplied, used }
    return proven || notApplied.length === 0 ? { result: 'done', proven, value } : { result: 'ignored', value }
  }
}

function changed(id: number, before: ParameterList | null, after: ParameterList): boolean {
  const old = before?.get(id)?.value
  const now = after.get(id)?.value
  return old !== undefined && now !== undefined && !same(old, now)
}
