export interface LabelledModule {
  readonly apiName: string;
  readonly singularLabel: string;
  readonly pluralLabel: string;
}

/**
 * The api_name of each module by what an exported file may call it, in lower case: "Sales Orders" is Sales_Orders. What
 * two modules are called is left out, and so is taken as it stands.
 */
export function moduleNamesOf(modules: readonly LabelledModule[]): ReadonlyMap<string, string> {
  const names = new Map<string, string | null>();
  for (const { apiName, singularLabel, pluralLabel } of modules) {
    for (const label of new Set([singularLabel.toLowerCase(), pluralLabel.toLowerCase()])) {
      names.set(label, names.has(label) ? null : apiName);
    }
  }
  for (const { apiName } of modules) names.set(apiName.toLowerCase(), apiName);
  return new Map([...names].flatMap(([label, apiName]) => (apiName === null ? [] : [[label, apiName] as const])));
}
