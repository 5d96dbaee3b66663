/** The modules, and what people call them. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addModule, adminKeys, changeModule, listModules, type ManagedModule } from '../../api/admin.ts';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { TextField } from '../../ui/Field.tsx';
import { useToasts } from '../../ui/Toast.tsx';
import { ActionTable } from './ActionTable.tsx';
import { FormDialog, textOf } from './FormDialog.tsx';
import { Loaded, Section } from './Section.tsx';
import { useReload } from './use-reload.ts';

const words = text.admin.modules;

export function Modules() {
  const modules = useQuery({ queryKey: adminKeys.modules, queryFn: ({ signal }) => listModules(signal) });
  const [edited, setEdited] = useState<ManagedModule | 'new' | null>(null);
  return (
    <Section title={text.admin.tabs.modules} message={words.text} add={words.add} onAdd={() => setEdited('new')}>
      <Loaded query={modules}>{(all) => <ModuleTable modules={all} onEdit={setEdited} />}</Loaded>
      {edited !== null && <ModuleDialog module={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </Section>
  );
}

interface ModuleTableProps {
  readonly modules: readonly ManagedModule[];
  readonly onEdit: (module: ManagedModule) => void;
}

function ModuleTable({ modules, onEdit }: ModuleTableProps) {
  return (
    <ActionTable label={words.listLabel} columns={[words.plural, words.singular, words.apiName, words.source]}>
      {modules.map((module) => (
        <tr key={module.id}>
          <td>
            <strong>{module.plural_label}</strong>
          </td>
          <td data-label={words.singular}>{module.singular_label}</td>
          <td data-label={words.apiName}>
            <code className="admin-id">{module.api_name}</code>
          </td>
          <td data-label={words.source}>{module.is_imported ? words.fromEntry : words.fromHere}</td>
          <td className="admin-actions">
            <Button size="small" aria-label={words.editTitle(module.plural_label)} onClick={() => onEdit(module)}>
              {text.admin.edit}
            </Button>
          </td>
        </tr>
      ))}
    </ActionTable>
  );
}

interface ModuleDialogProps {
  /** Null: a new one. */
  readonly module: ManagedModule | null;
  readonly onClose: () => void;
}

function ModuleDialog({ module, onClose }: ModuleDialogProps) {
  const reload = useReload();
  const { tell } = useToasts();
  const change = (fields: FormData) => {
    const labels = {
      singular_label: textOf(fields, 'singular_label'),
      plural_label: textOf(fields, 'plural_label'),
    };
    if (module !== null) return changeModule(module.id, labels);
    return addModule({ api_name: textOf(fields, 'api_name'), ...labels });
  };
  return (
    <FormDialog
      title={module === null ? words.add : words.editTitle(module.plural_label)}
      submit={module === null ? words.addSubmit : text.ui.save}
      busy={text.admin.saving}
      change={change}
      onDone={(answer) => {
        tell(words.saved(answer.module.plural_label));
        reload(adminKeys.modules);
        onClose();
      }}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          {module === null && (
            <TextField
              label={words.apiName}
              hint={words.apiNameHint}
              name="api_name"
              error={errorOf('api_name')}
              required
            />
          )}
          <TextField
            label={words.singular}
            name="singular_label"
            defaultValue={module?.singular_label}
            error={errorOf('singular_label')}
            required
          />
          <TextField
            label={words.plural}
            name="plural_label"
            defaultValue={module?.plural_label}
            error={errorOf('plural_label')}
            required
          />
        </>
      )}
    </FormDialog>
  );
}
