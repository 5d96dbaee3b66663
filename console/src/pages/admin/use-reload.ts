import { useQueryClient } from '@tanstack/react-query';

/** After a change: what was read of these is read again. */
export function useReload(): (key: readonly string[]) => void {
  const client = useQueryClient();
  // A failure shows where the list is shown.
  return (key) => void client.invalidateQueries({ queryKey: key }).catch(() => {});
}
