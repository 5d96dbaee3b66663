/** The organisation's settings. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { adminKeys, changeSettings, readSettings, type Settings } from '../../api/admin.ts';
import { sessionKey } from '../../api/session.ts';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice, SelectField, TextField } from '../../ui/Field.tsx';
import { Notice, wordsFor } from '../../ui/states.tsx';
import { useToasts } from '../../ui/Toast.tsx';
import { textOf } from './FormDialog.tsx';
import { Loaded } from './Section.tsx';
import { useReload } from './use-reload.ts';
import { zonesWith } from './zones.ts';

const words = text.admin.settings;
const days = { least: 1, most: 3650 } as const;

export function SettingsPage() {
  const settings = useQuery({ queryKey: adminKeys.settings, queryFn: ({ signal }) => readSettings(signal) });
  return <Loaded query={settings}>{(held) => <SettingsForm key={JSON.stringify(held)} held={held} />}</Loaded>;
}

function SettingsForm({ held }: { readonly held: Settings }) {
  const client = useQueryClient();
  const reload = useReload();
  const { tell } = useToasts();
  const [zone, setZone] = useState(held.time_zone);
  const [problem, setProblem] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: changeSettings,
    onSuccess: (now) => {
      tell(words.saved);
      client.setQueryData(adminKeys.settings, now);
      reload(sessionKey);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const read = settingsIn(new FormData(event.currentTarget));
    setProblem(read === null ? words.daysWrong : null);
    if (read === null) return;
    const changes = changedIn(held, read);
    if (Object.keys(changes).length === 0) tell(words.unchanged);
    else save.mutate(changes);
  };
  return (
    <form className="admin-settings" noValidate onSubmit={submit}>
      {save.isError && <Notice kind="danger">{wordsFor(save.error)}</Notice>}
      <section className="panel panel-section" aria-labelledby="settings-organisation">
        <h2 id="settings-organisation">{words.organisation}</h2>
        <TextField label={words.name} name="company_name" defaultValue={held.company_name} maxLength={1024} required />
        <SelectField
          label={words.zone}
          hint={words.zoneHint}
          name="time_zone"
          value={zone}
          onChange={(event) => setZone(event.currentTarget.value)}
        >
          {zonesWith(held.time_zone).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </SelectField>
        <div aria-live="polite">{zone !== held.time_zone && <Notice kind="warning">{words.zoneWarning}</Notice>}</div>
      </section>
      <HierarchyChoice held={held.hierarchy} />
      <section className="panel panel-section" aria-labelledby="settings-results">
        <h2 id="settings-results">{words.results}</h2>
        <TextField
          label={words.days}
          hint={words.daysHint}
          error={problem}
          name="result_days"
          inputMode="numeric"
          className="input admin-days"
          defaultValue={held.result_days ?? ''}
        />
      </section>
      <div>
        <Button type="submit" kind="primary" isBusy={save.isPending}>
          {save.isPending ? text.admin.saving : words.save}
        </Button>
      </div>
    </form>
  );
}

function HierarchyChoice({ held }: { readonly held: Settings['hierarchy'] }) {
  return (
    <section className="panel panel-section">
      <fieldset className="admin-choices" aria-describedby="settings-hierarchy">
        <legend>
          <h2>{words.hierarchy}</h2>
        </legend>
        <p id="settings-hierarchy" className="muted">
          {words.hierarchyText}
        </p>
        {Object.entries(words.hierarchies).map(([kind, label]) => (
          <Choice key={kind} type="radio" name="hierarchy" value={kind} defaultChecked={held === kind} label={label} />
        ))}
      </fieldset>
    </section>
  );
}

/** Null: the days are no number that may be set. */
function settingsIn(fields: FormData): Settings | null {
  const text = textOf(fields, 'result_days');
  const resultDays = text === '' ? null : Number(text);
  const isGood =
    resultDays === null || (Number.isInteger(resultDays) && resultDays >= days.least && resultDays <= days.most);
  if (!isGood) return null;
  return {
    company_name: textOf(fields, 'company_name'),
    time_zone: textOf(fields, 'time_zone'),
    hierarchy: fields.get('hierarchy') === 'reporting_to' ? 'reporting_to' : 'roles',
    result_days: resultDays,
  };
}

/** Only what is other than it was: the log tells what an administrator has changed, and nothing else. */
function changedIn(held: Settings, read: Settings): Partial<Settings> {
  const names = ['company_name', 'time_zone', 'hierarchy', 'result_days'] as const;
  return Object.fromEntries(names.filter((name) => read[name] !== held[name]).map((name) => [name, read[name]]));
}
