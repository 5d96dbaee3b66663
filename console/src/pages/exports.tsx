/** Exports: the list, one of them, and a new one. */
import { Route, Switch } from 'wouter';
import './exports/exports.css';
import { useOwnSession } from '../api/session.ts';
import { NoAuditLog, NotFound } from '../shell/refusals.tsx';
import { ExportDetail } from './exports/ExportDetail.tsx';
import { ExportList } from './exports/ExportList.tsx';
import { NewExport } from './exports/NewExport.tsx';

export function Page() {
  const { may } = useOwnSession();
  if (!may.use_audit_log) return <NoAuditLog />;
  return (
    <Switch>
      <Route path="/exports" component={ExportList} />
      <Route path="/exports/new" component={NewExport} />
      <Route path="/exports/:id">{({ id }) => <ExportDetail key={id} id={id} />}</Route>
      <Route component={NotFound} />
    </Switch>
  );
}
