/** Watches one device: takes its samples in order, and knows what is unusual about it now. */
import type { Evidence, Finding, FindingKind } from '../devices/ports.ts'
import { follow, newTrack, type Track } from './course.ts'
import { RULES } from './rules/index.ts'
import type { Present, Sample } from './types.ts'

export class Watch {
  readonly #track: Track = newTrack()
  readonly #lookers = RULES.map((begin) => begin())
  readonly #findings = new Map<FindingKind, Finding>()

  /** Unix seconds of the end of the last sample; 0 before the first. */
  get end(): number {
    return this.#track.end
  }

  get findings(): readonly Finding[] {
    return [...this.#findings.values()]
  }

  /** Seconds that a normal course takes, as learned; NaN while unknown. For the simulated winters. */
  delay(kind: FindingKind): number {
    return this.#lookers.find((looker) => looker.kind === kind)?.delay() ?? Number.NaN
  }

  /** A sample that does not come after the last one is ignored. Returns whether the findings have changed. */
  take(sample: Sample, present: Present): boolean {
    if (sample.at < this.#track.end || !(sample.known > 0)) return false
    follow(this.#track, sample)
    let changed = false
    for (const looker of this.#lookers) {
      const { kind, says } = looker
      const verdict = looker.take(sample, this.#track, present)
      if (verdict === undefined || (verdict === null) === !this.#findings.has(kind)) continue
      changed = true
      const since = new Date((sample.at + sample.seconds) * 1000).toISOString()
      if (verdict === null) this.#findings.delete(kind)
      else this.#findings.set(kind, { kind, since, message: sentence(says, verdict), evidence: verdict })
    }
    return changed
  }
}

/** @param says with gaps such as {minutes} */
const sentence = (says: string, evidence: Evidence): string =>
  says.replaceAll(/\{(\w+)\}/g, (_gap, name: string) => String(evidence[name] ?? ''))
