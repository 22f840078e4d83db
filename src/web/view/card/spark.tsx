import { useMemo } from 'preact/hooks'
import { dayLine, LINE_SIZE } from '../../state/card.ts'
import { usePage } from '../hooks/context.ts'

/** The temperatures of the last 24 hours as a small line; nothing if too few are known. */
export function Spark({ values }: { values: readonly (number | null)[] | undefined }) {
  const { texts } = usePage()
  const line = useMemo(() => dayLine(values ?? []), [values])
  if (!line) return null
  const said = { min: texts.number(line.min, 1), max: texts.number(line.max, 1) }
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${LINE_SIZE.width} ${LINE_SIZE.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={texts.say('card.line', said)}
    >
      {line.stretches.map((points) => (
        <polyline key={points} points={points} />
      ))}
    </svg>
  )
}
