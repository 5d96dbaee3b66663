/** Entries that a careless writer of CSV gets wrong, and what a careful reader must find in their rows. */

const controls = Array.from({ length: 31 }, (_, index) => String.fromCharCode(index + 1)).join('');
const laterControls = Array.from({ length: 33 }, (_, index) => String.fromCharCode(index + 0x7f)).join('');

/** Short enough for a name. */
const names: readonly string[] = [
  ...['comma, quote " and apostrophe \'', '"', '""', '","', ',', '",\r\n"', "'", "''", ' leading and trailing '],
  ...['lone\rCR', 'lone\nLF', 'both\r\nCRLF', '\r', '\n', '\r\n', 'ends with\n', '\nstarts with', '\t', 'tab\tinside'],
  ...[controls, laterControls, 'escape \u001b[31mred', 'no NUL, but \\0 and %00'],
  ...[
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '=HYPERLINK("http://127.0.0.1","click")',
    '-',
    "=cmd|' /C calc'!A0",
  ],
  ...["'=1", "''=1", "'''@x", "'\t", "'plain", "'-'", '0', '00123', '1e5', 'NULL', '#REF!', ';', '\\', '\\N', '%'],
  ...['😀 👩‍👩‍👧‍👦 🏳️‍🌈 🇮🇳', 'שלום עולם', 'مرحبا بالعالم', 'abc \u202e fed \u202c', '\u200f=1', 'e\u0301 and é', '𐍈𝄞'],
  ...['\ufeffmark first', 'a\u2028b\u2029c', '\ufffd\ufffe\uffff', 'zero\u200bwidth', 'nbsp\u00a0', '日本語'],
  'x'.repeat(1024),
  '"'.repeat(1024),
  '😀'.repeat(256),
];

/** As long as a record's name may be: 64 KB. */
const recordNames: readonly string[] = [
  'x'.repeat(65_536),
  '"'.repeat(65_536),
  '\r\n'.repeat(32_768),
  `=${'😀'.repeat(16_383)}`,
  `'=${'ש'.repeat(32_767)}`,
  controls.repeat(800),
];

export interface AwkwardEntry {
  readonly sent: Readonly<Record<string, unknown>> & { readonly id: string };
  /** By column; what stands in the file is guarded, this is not. */
  readonly cells: Readonly<Record<string, unknown>>;
}

/** `times` are ISO times; the entries take them in turn. */
export function awkwardEntries(times: readonly string[]): readonly AwkwardEntry[] {
  const everywhere = names.map((name) => ({
    name,
    recordName: name,
    changes: [{ field: name, old: name, new: [name] }],
  }));
  const large = recordNames.map((recordName, index) => ({
    name: `large ${index}`,
    recordName,
    changes: [{ field: 'f', old: null, new: 1 }],
  }));
  const changed = { name: 'changed', recordName: '', changes: [{ field: 'Body', old: ',"\n'.repeat(9_000), new: '' }] };
  return [...everywhere, ...large, changed].map((text, index) =>
    awkwardEntry(text, index, times[index % times.length] ?? ''),
  );
}

interface Text {
  readonly name: string;
  readonly recordName: string;
  readonly changes: readonly object[];
}

function awkwardEntry({ name, recordName, changes }: Text, index: number, time: string): AwkwardEntry {
  const id = String(700_000_000_000_000_000n + BigInt(index));
  const userId = String(710_000_000_000_000_000n + BigInt(index));
  const sent = {
    id,
    audited_time: time,
    action: 'updated',
    done_by: { id: userId, name },
    module: { api_name: moduleNames[index % moduleNames.length] ?? '' },
    record: { id: name.slice(0, 40), name: recordName },
    related_record: { module: name, name },
    account_name: name,
    source: name,
    changes,
  };
  const cells = {
    'Done By': name,
    Action: 'updated',
    Module: sent.module.api_name,
    'Record Name': recordName,
    'Related Module': name,
    'Related Name': name,
    'Account Name': name,
    'Audited Time': time,
    'Record Id': sent.record.id,
    'Done By Id': userId,
    Source: name,
    Changes: changes,
  };
  return { sent, cells };
}

/** Modules that only the awkward entries have, by which a filter finds them. */
export const moduleNames = ['Awkward', '=Awkward', 'Awk"ward,\r\n', '📒'] as const;
