import { usePage } from '../hooks/context.ts'

export interface Row {
  readonly key: string | number
  /** The first names the row. */
  readonly cells: readonly string[]
}

/** What a drawing shows as a table, on demand. @param heads the names of the columns */
export function Table({ heads, rows }: { heads: readonly string[]; rows: readonly Row[] }) {
  const { texts } = usePage()
  return (
    <details>
      <summary>{texts.say('history.table')}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it is wider than the page, and keys scroll what has the focus. */}
      <section class="wide-table" tabIndex={0} aria-label={heads.join(', ')}>
        <table>
          <thead>
            <tr>
              {heads.map((head, index) => (
                // A device can be called like anything else in the row.
                <th scope="col" key={index}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, cells: [name, ...values] }) => (
              <tr key={key}>
                <th scope="row">{name}</th>
                {values.map((value, index) => (
                  <td key={index}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  )
}
