export const docs = {
  title: 'API reference',
} as const;
