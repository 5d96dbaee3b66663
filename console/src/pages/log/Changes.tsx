/** What an entry says of fields: old and new side by side. What has another form is shown as it is. */
import { text } from '../../text/en.ts';

interface Change {
  readonly field: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** Null: the changes are no list of fields. */
export function changesOf(changes: unknown): readonly Change[] | null {
  if (!Array.isArray(changes)) return null;
  const isChange = (item: unknown): item is Change =>
    typeof item === 'object' && item !== null && 'field' in item && typeof item.field === 'string';
  return changes.every(isChange) ? changes : null;
}

export function Changes({ changes }: { readonly changes: unknown }) {
  const listed = changesOf(changes ?? []);
  return (
    <section className="stack stack-small" aria-labelledby="changes-title">
      <h3 id="changes-title">{text.log.changes}</h3>
      {listed === null && <pre className="raw">{JSON.stringify(changes, null, 2)}</pre>}
      {listed?.length === 0 && <p className="muted">{text.log.noChanges}</p>}
      {listed !== null && listed.length > 0 && (
        <table className="changes">
          <thead>
            <tr>
              <th scope="col">{text.log.field}</th>
              <th scope="col">{text.log.old}</th>
              <th scope="col">{text.log.new}</th>
            </tr>
          </thead>
          <tbody>
            {listed.map((change, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an entry never changes, and may name a field twice
              <tr key={index}>
                <th scope="row">{change.field}</th>
                <td className="change-old">
                  <Value value={change.old} />
                </td>
                <td className="change-new">
                  <Value value={change.new} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Value({ value }: { readonly value: unknown }) {
  if (value === null || value === undefined || value === '') return <em className="muted">{text.log.emptyValue}</em>;
  if (typeof value === 'object') return <code>{JSON.stringify(value)}</code>;
  return String(value);
}
