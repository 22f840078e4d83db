/** What a fault is, and how what came of it is counted. */
import type { Rig } from './rig.ts'

export interface Outcome {
  /** How often the fault was brought about, or how many bad inputs were sent. */
  readonly tried: number
  /** What did not hold, each in a sentence; empty when nothing was lost. */
  readonly lost: readonly string[]
}

export interface Effort {
  /** Multiplies counts and times; 1, or more with `--long`. */
  readonly times: number
  /** Deterministic: the same seed, the same inputs. */
  readonly random: () => number
}

export interface Fault {
  /** One word, by which it is chosen on the command line. */
  readonly id: string
  /** What is done, and what has to hold, for the table. */
  readonly what: string
  /** Why it can't be tried here, if it can't. */
  readonly skip?: string
  readonly run: (rig: Rig, effort: Effort) => Promise<Outcome>
}

/** Counts tries, and keeps what did not hold. */
export class Count {
  tried = 0
  readonly lost: string[] = []

  /** One try, which is lost when there is any sentence in `wrong`; `undefined` stands for what held. */
  take(...wrong: readonly (string | undefined)[]): void {
    this.tried++
    const sentences = wrong.filter((sentence) => sentence !== undefined)
    if (sentences.length > 0) this.lost.push(sentences.join('; '))
  }

  get outcome(): Outcome {
    return { tried: this.tried, lost: this.lost }
  }
}

/** `sentence` unless `held`. */
export const unless = (held: boolean, sentence: string): string | undefined => (held ? undefined : sentence)
