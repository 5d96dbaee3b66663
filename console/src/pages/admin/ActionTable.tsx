/** A table whose last column holds what can be done about a row. On a phone each row stands as a block. */
import type { ReactNode } from 'react';
import { text } from '../../text/en.ts';

interface ActionTableProps {
  readonly label: string;
  /** Without the last one. */
  readonly columns: readonly string[];
  /** The rows. */
  readonly children: ReactNode;
}

export function ActionTable({ label, columns, children }: ActionTableProps) {
  return (
    <div className="panel">
      <table className="table table-stacked" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">{text.admin.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
