/** Tells whether something that was read from the database may be another by now. A house brings its own. */
export interface Changes {
  /**
   * A number that stays the same as long as nothing has been written to the database, by whatever process; null: this
   * database cannot tell that for less than a query costs, so nothing that is read from it may be kept. What was read after
   * a mark was taken is still true while the mark is the same. Safe at any time, also while a transaction is open: what
   * that one has written counts from the moment of its writing.
   */
  mark(): number | null;
}
