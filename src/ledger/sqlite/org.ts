/** An organisation as the tables know it: its zgid as a number. Null for a text that is no zgid, `007` among them. */
export function orgNumber(org: string): number | null {
  return /^[1-9][0-9]{0,14}$/.test(org) ? Number(org) : null;
}
