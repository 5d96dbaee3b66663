/** OAuth clients: the programs that may ask for access, or have it by themselves. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addClient, adminKeys, type Client, listClients, revokeClient } from '../../api/admin.ts';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { TextAreaField, TextField } from '../../ui/Field.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Time } from '../../ui/Time.tsx';
import { useToasts } from '../../ui/Toast.tsx';
import { formatMinute } from '../../ui/times.ts';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { FormDialog, textOf } from './FormDialog.tsx';
import { PersonField, personProblem } from './PersonField.tsx';
import { ScopeList, ScopePicker, scopeField, scopesIn, scopesProblem } from './Scopes.tsx';
import { SecretDialog } from './SecretDialog.tsx';
import { Loaded, Section } from './Section.tsx';
import { useReload } from './use-reload.ts';

const words = text.admin.applications;

type Made = Awaited<ReturnType<typeof addClient>>;

export function Applications() {
  const clients = useQuery({ queryKey: adminKeys.clients, queryFn: ({ signal }) => listClients(signal) });
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const [revoked, setRevoked] = useState<Client | null>(null);
  const reload = useReload();
  const { tell } = useToasts();
  return (
    <Section title={text.admin.tabs.applications} message={words.text} add={words.add} onAdd={() => setAdding(true)}>
      <Loaded query={clients}>{(all) => <ClientList clients={all} onRevoke={setRevoked} />}</Loaded>
      {isAdding && (
        <ClientDialog
          onClose={() => setAdding(false)}
          onDone={(answer) => {
            setAdding(false);
            setMade(answer);
            reload(adminKeys.clients);
          }}
        />
      )}
      {made !== null && (
        <SecretDialog
          title={words.secretTitle(made.client.name)}
          secrets={[
            { label: words.id, value: made.client.id },
            { label: words.secret, value: made.secret },
          ]}
          onClose={() => setMade(null)}
        />
      )}
      {revoked !== null && (
        <ConfirmDialog
          title={words.revokeTitle(revoked.name)}
          message={words.revokeText}
          submit={words.revoke}
          change={() => revokeClient(revoked.id)}
          onDone={() => {
            tell(words.revoked(revoked.name));
            reload(adminKeys.clients);
            reload(adminKeys.tokens);
            setRevoked(null);
          }}
          onClose={() => setRevoked(null)}
        />
      )}
    </Section>
  );
}

interface ClientListProps {
  readonly clients: readonly Client[];
  readonly onRevoke: (client: Client) => void;
}

function ClientList({ clients, onRevoke }: ClientListProps) {
  if (clients.length === 0) {
    return (
      <EmptyState icon="key" title={words.emptyTitle}>
        {words.emptyText}
      </EmptyState>
    );
  }
  return (
    <ul className="panel admin-cards" aria-label={words.listLabel}>
      {clients.map((client) => (
        <li key={client.id} className="admin-card">
          <div className="stack stack-small">
            <h2>{client.name}</h2>
            <div className="row">
              <code className="admin-id">{client.id}</code>
              <CopyButton value={client.id} label={words.copyId} />
            </div>
            {client.user !== null && <span>{words.byItself(client.user.name)}</span>}
            {client.redirect_uris.map((uri) => (
              <span key={uri} className="muted small admin-id">
                {uri}
              </span>
            ))}
            <ScopeList scopes={client.scopes} isOpen />
            <span className="muted small">
              {text.admin.created} <Time value={client.created_at} format={formatMinute} />
            </span>
          </div>
          <Button
            size="small"
            icon="trash"
            aria-label={`${words.revoke}: ${client.name}`}
            onClick={() => onRevoke(client)}
          >
            {words.revoke}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function ClientDialog({ onDone, onClose }: { readonly onDone: (made: Made) => void; readonly onClose: () => void }) {
  return (
    <FormDialog
      title={words.add}
      submit={words.addSubmit}
      busy={text.admin.saving}
      check={(fields) => ({ ...personProblem(fields, 'user_id'), ...scopesProblem(fields) })}
      change={(fields) =>
        addClient({
          name: textOf(fields, 'name'),
          redirect_uris: linesIn(textOf(fields, 'redirect_uris')),
          user_id: textOf(fields, 'user_id') || null,
          scopes: scopesIn(fields),
        })
      }
      onDone={onDone}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <TextField
            label={words.name}
            hint={words.nameHint}
            name="name"
            error={errorOf('name')}
            maxLength={200}
            required
          />
          <TextAreaField
            label={words.redirects}
            hint={words.redirectsHint}
            name="redirect_uris"
            error={errorOf('redirect_uris')}
            rows={2}
            spellCheck={false}
          />
          <PersonField label={words.user} hint={words.userHint} name="user_id" error={errorOf('user_id')} />
          <ScopePicker error={errorOf(scopeField)} />
        </>
      )}
    </FormDialog>
  );
}

function linesIn(lines: string): string[] {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
