/** The log page. */
export const log = {
  title: 'Log',
} as const;
