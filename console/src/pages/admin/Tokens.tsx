/** Live tokens: who has access by which, and an end to it. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addToken, adminKeys, listTokens, revokeToken, type Token } from '../../api/admin.ts';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Time } from '../../ui/Time.tsx';
import { useToasts } from '../../ui/Toast.tsx';
import { formatMinute } from '../../ui/times.ts';
import { ActionTable } from './ActionTable.tsx';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { FormDialog, textOf } from './FormDialog.tsx';
import { PersonField, personProblem } from './PersonField.tsx';
import { ScopeList, ScopePicker, scopeField, scopesIn, scopesProblem } from './Scopes.tsx';
import { SecretDialog } from './SecretDialog.tsx';
import { Loaded, More, Section } from './Section.tsx';
import { useReload } from './use-reload.ts';

const words = text.admin.tokens;

type Made = Awaited<ReturnType<typeof addToken>>;

export function Tokens() {
  const tokens = useInfiniteQuery({
    queryKey: adminKeys.tokens,
    queryFn: ({ pageParam, signal }) => listTokens(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.info.next_cursor,
  });
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const [revoked, setRevoked] = useState<Token | null>(null);
  const reload = useReload();
  return (
    <Section title={text.admin.tabs.tokens} message={words.text} add={words.add} onAdd={() => setAdding(true)}>
      <Loaded query={tokens}>
        {({ pages }) => <TokenTable tokens={pages.flatMap((page) => page.tokens)} onRevoke={setRevoked} />}
      </Loaded>
      <More query={tokens} />
      {isAdding && (
        <TokenDialog
          onClose={() => setAdding(false)}
          onDone={(answer) => {
            setAdding(false);
            setMade(answer);
            reload(adminKeys.tokens);
          }}
        />
      )}
      {made !== null && (
        <SecretDialog
          title={words.madeTitle}
          message={words.madeText(formatMinute(made.expires_at))}
          secrets={[{ label: words.token, value: made.token }]}
          onClose={() => setMade(null)}
        />
      )}
      {revoked !== null && <RevokeDialog token={revoked} onClose={() => setRevoked(null)} />}
    </Section>
  );
}

function RevokeDialog({ token, onClose }: { readonly token: Token; readonly onClose: () => void }) {
  const reload = useReload();
  const { tell } = useToasts();
  const lines = [words.revokeText(token.user.name), ...(token.kind === 'refresh' ? [words.revokeRefresh] : [])];
  return (
    <ConfirmDialog
      title={words.revokeTitle}
      message={lines.join(' ')}
      submit={words.revoke}
      change={() => revokeToken(token.id)}
      onDone={() => {
        tell(words.revoked);
        reload(adminKeys.tokens);
        onClose();
      }}
      onClose={onClose}
    />
  );
}

interface TokenTableProps {
  readonly tokens: readonly Token[];
  readonly onRevoke: (token: Token) => void;
}

function TokenTable({ tokens, onRevoke }: TokenTableProps) {
  if (tokens.length === 0) {
    return (
      <EmptyState icon="key" title={words.emptyTitle}>
        {words.emptyText}
      </EmptyState>
    );
  }
  return (
    <ActionTable
      label={words.listLabel}
      columns={[
        text.admin.person,
        words.kind,
        text.admin.application,
        text.admin.scopes,
        text.admin.created,
        words.expires,
      ]}
    >
      {tokens.map((token) => (
        <TokenRow key={token.id} token={token} onRevoke={() => onRevoke(token)} />
      ))}
    </ActionTable>
  );
}

function TokenRow({ token, onRevoke }: { readonly token: Token; readonly onRevoke: () => void }) {
  const kind = words.kinds[token.kind];
  return (
    <tr>
      <td>
        <strong>{token.user.name}</strong>
      </td>
      <td data-label={words.kind}>{kind}</td>
      <td data-label={text.admin.application}>{token.client?.name ?? words.byHand}</td>
      <td data-label={text.admin.scopes}>
        <ScopeList scopes={token.scopes} />
      </td>
      <td data-label={text.admin.created}>
        <Time value={token.created_at} format={formatMinute} />
      </td>
      <td data-label={words.expires}>
        {token.expires_at === null ? words.never : <Time value={token.expires_at} format={formatMinute} />}
      </td>
      <td className="admin-actions">
        <Button size="small" icon="trash" aria-label={words.revokeOf(kind, token.user.name)} onClick={onRevoke}>
          {words.revoke}
        </Button>
      </td>
    </tr>
  );
}

function TokenDialog({ onDone, onClose }: { readonly onDone: (made: Made) => void; readonly onClose: () => void }) {
  return (
    <FormDialog
      title={words.add}
      submit={words.addSubmit}
      busy={words.making}
      check={(fields) => ({ ...personProblem(fields, 'user_id'), ...scopesProblem(fields) })}
      change={(fields) => addToken(textOf(fields, 'user_id'), scopesIn(fields))}
      onDone={onDone}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <PersonField
            label={text.admin.person}
            hint={words.personHint}
            name="user_id"
            error={errorOf('user_id')}
            required
          />
          <ScopePicker error={errorOf(scopeField)} />
        </>
      )}
    </FormDialog>
  );
}
