import type { Readable } from 'node:stream'

/** Hands on what a program says, line by line; a line that has not ended is kept until it has. */
export function linesOf(
  program: { readonly stdout: Readable; readonly stderr: Readable },
  take: (lines: string[]) => void,
) {
  for (const stream of [program.stdout, program.stderr]) {
    let rest = ''
    stream.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      take(lines)
    })
  }
}
