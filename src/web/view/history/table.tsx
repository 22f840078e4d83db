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
      <div class="wide-table">
        <table>
          <thead>
            <tr>
              {heads.map((head) => (
                <th scope="col" key={head}>
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
                  <td key={heads[index + 1]}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
