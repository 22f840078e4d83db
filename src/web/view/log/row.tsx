import { usePage } from '../hooks/context.ts'
import { fieldsOf, type Line, pieces, visible } from './lines.ts'

/** Letters of one value that are shown at once; a stack has more. */
const SHORT = 300

export function Row({ line, search }: { line: Line; search: string }) {
  const { texts } = usePage()
  const { at, level, message, fields, gap } = line
  const [long, short] = [true, false].map((wanted) =>
    fieldsOf(fields).filter(([, value]) => value.length > SHORT === wanted),
  )
  return (
    <li class={level}>
      <p class="small">
        {at && <time dateTime={at}>{texts.moment(at, { seconds: true })}</time>} <b>{level}</b>
      </p>
      <div lang="en">
        <p>
          <Marked text={visible(message)} search={search} />
        </p>
        {short?.map((field) => (
          <Field key={field[0]} field={field} search={search} />
        ))}
        {long?.map((field) => (
          <details key={field[0]} open={isHit(field[1], search)}>
            <summary class="small">{field[0]}</summary>
            <Field field={field} search={search} />
          </details>
        ))}
      </div>
      {gap > 0 && <p class="small gap">{texts.say('log.gap', { n: gap })}</p>}
    </li>
  )
}

const isHit = (text: string, search: string): boolean => pieces(text, search).some(({ hit }) => hit)

function Field({ field: [name, value], search }: { field: readonly [name: string, value: string]; search: string }) {
  return (
    <p class="small field">
      <Marked text={name} search={search} />: <Marked text={value} search={search} />
    </p>
  )
}

/** What was searched for is marked. */
function Marked({ text, search }: { text: string; search: string }) {
  return <>{pieces(text, search).map(({ text: piece, hit }) => (hit ? <mark>{piece}</mark> : piece))}</>
}
