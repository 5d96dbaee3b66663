/** What an export is to hold, as it is kept beside its job and shown. What its lines are picked by is the job's query. */
export interface ExportFilter {
  /** Epoch seconds, both ends included; null: without an end on that side. */
  readonly from: number | null;
  readonly to: number | null;
  /** A null list means no condition; an empty one, to which only criteria of the wire can come down, matches nothing. */
  readonly actions: readonly string[] | null;
  /** By api_name. */
  readonly modules: readonly string[] | null;
  /** User ids, digits. */
  readonly doneBy: readonly string[] | null;
  /** Words of the record's name, as they were typed. */
  readonly words: string | null;
  /** The record's id. */
  readonly record: string | null;
}
