/** What an export holds: sentences, all of which are true of each entry. */
export function Criteria({ words }: { readonly words: readonly string[] }) {
  return (
    <ul className="export-words">
      {words.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
