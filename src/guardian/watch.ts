/** Watches one device: takes its samples in order, and knows what is unusual about it now. */
import type { Evidence, Finding, FindingKind } from '../devices/ports.ts'
import { follow, newTrack, type Track } from './course.ts'
import { RULES } from './rules/index.ts'
import type { Present, Sample, Verdict } from './types.ts'

export class Watch {
  readonly #track: Track = newTrack()
  readonly #lookers = RULES.map((begin) => begin())
  #findings: readonly Finding[] = []

  /** Unix seconds of the end of the last sample; 0 before the first. */
  get end(): number {
    return this.#track.end
  }

  /** The same object as long as it does not change. */
  get findings(): readonly Finding[] {
    return this.#findings
  }

  /** Seconds that a normal course takes, as learned; NaN while unknown. For the simulated winters. */
  delay(kind: FindingKind): number {
    return this.#lookers.find((looker) => looker.kind === kind)?.delay() ?? Number.NaN
  }

  /** A sample that does not come after the last one is ignored. Returns whether the findings have changed. */
  take(sample: Sample, present: Present): boolean {
    if (sample.at < this.#track.end || !(sample.known > 0)) return false
    follow(this.#track, sample)
    const before = this.#findings
    for (const { kind, says, take } of this.#lookers) this.#judge(kind, says, take(sample, this.#track, present))
    return this.#findings !== before
  }

  #judge(kind: FindingKind, says: string, verdict: Verdict): void {
    const there = this.#findings.some((finding) => finding.kind === kind)
    if (verdict === undefined || (verdict !== null) === there) return
    const others = this.#findings.filter((finding) => finding.kind !== kind)
    const since = new Date(this.#track.end * 1000).toISOString()
    this.#findings = verdict
      ? [...others, { kind, since, message: sentence(says, verdict), evidence: verdict }]
      : others
  }
}

/** @param says with gaps such as {minutes} */
const sentence = (says: string, evidence: Evidence): string =>
  says.replaceAll(/\{(\w+)\}/g, (_gap, name: string) => String(evidence[name] ?? ''))
