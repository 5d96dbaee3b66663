/** Administration: each part has an address of its own. */
import { Redirect, Route, Switch } from 'wouter';
import { useOwnSession } from '../api/session.ts';
import { PageHead } from '../shell/PageHead.tsx';
import { NotAdministrator, NotFound } from '../shell/refusals.tsx';
import { text } from '../text/en.ts';
import { type Tab, Tabs } from '../ui/Tabs.tsx';
import './admin/admin.css';
import { Applications } from './admin/Applications.tsx';
import { Modules } from './admin/Modules.tsx';
import { People } from './admin/People.tsx';
import { Roles } from './admin/Roles.tsx';
import { SettingsPage } from './admin/Settings.tsx';
import { Tokens } from './admin/Tokens.tsx';

const tabs: readonly Tab[] = Object.entries(text.admin.tabs).map(([name, label]) => ({
  href: `/admin/${name}`,
  label,
}));

export function Page() {
  const { may } = useOwnSession();
  if (!may.administer) return <NotAdministrator />;
  return (
    <div className="page">
      <PageHead title={text.admin.title}>{text.admin.subtitle}</PageHead>
      <div className="admin-tabs">
        <Tabs tabs={tabs} label={text.admin.sections} />
      </div>
      <Switch>
        <Route path="/admin">
          <Redirect to="/admin/people" replace />
        </Route>
        <Route path="/admin/people" component={People} />
        <Route path="/admin/roles" component={Roles} />
        <Route path="/admin/applications" component={Applications} />
        <Route path="/admin/tokens" component={Tokens} />
        <Route path="/admin/modules" component={Modules} />
        <Route path="/admin/settings" component={SettingsPage} />
        <Route component={NotFound} />
      </Switch>
    </div>
  );
}
