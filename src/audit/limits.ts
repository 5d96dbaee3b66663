/** What the wire lets through, in one place. Sizes are bytes of UTF-8 unless the name says otherwise. */

const kibibyte = 1024;

export const jsonLimits = Object.freeze({
  /** How deep a body may nest: arrays and objects, the outermost counted. */
  maxDepth: 32,
});

export const entryLimits = Object.freeze({
  /** Every name but the record's: user, module, related module and record, account, source. */
  nameBytes: kibibyte,
  recordNameBytes: 64 * kibibyte,
  recordIdBytes: 255,
  /** The field changes as compact JSON. */
  changesBytes: 64 * kibibyte,
  /** How deep they may nest, the array itself counted, whatever depth a body may have. */
  changesDepth: 32,
  /** The whole entry as compact JSON. */
  entryBytes: 160 * kibibyte,
  /** Unicode characters. */
  actionChars: 64,
  idDigits: 19,
  /** Ids are stored in signed 64-bit integers. */
  maxId: 2n ** 63n - 1n,
});

export const criteriaLimits = Object.freeze({
  /** How many items `audit_log_export` may hold. */
  exports: 1,
  /** How many criteria a group may hold. */
  groupSize: 2,
  /** How deep groups may nest. */
  maxDepth: 10,
  /** How many values an `in` may list. */
  maxValues: 1000,
  /** The longest range that may be asked for, and the range of a filter that names none. */
  windowDays: 180,
  /** The range of an export without any criteria. */
  defaultYears: 3,
});
