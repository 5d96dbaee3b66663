export const consent = {
  title: 'Allow access',
} as const;
