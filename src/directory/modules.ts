import type { Kysely } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { checkedName } from './fields.ts';
import { type Module, moduleOf } from './rows.ts';

/** In the order in which they were added. */
export async function modules(db: Kysely<Database>, org: string): Promise<Module[]> {
  const rows = await db
    .selectFrom('modules')
    .selectAll()
    .where('org', '=', org)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(moduleOf);
}

export interface NewModule {
  readonly apiName: string;
  readonly singularLabel: string;
  readonly pluralLabel: string;
}

export interface ModuleLabels {
  readonly singularLabel?: string;
  readonly pluralLabel?: string;
}

export async function updateModule(
  db: Kysely<Database>,
  org: string,
  id: string,
  labels: ModuleLabels,
): Promise<Module> {
  const { singularLabel, pluralLabel } = labels;
  const row = await db
    .updateTable('modules')
    .set({
      id,
      ...(singularLabel !== undefined && {
        singular_label: checkedName('the singular label', 'singular_label', singularLabel),
      }),
      ...(pluralLabel !== undefined && { plural_label: checkedName('the plural label', 'plural_label', pluralLabel) }),
    })
    .where('org', '=', org)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new Failure('INVALID_DATA', `there is no module ${id}`);
  return moduleOf(row);
}

/** What the entries about Annals itself are of. There is always room for it, whatever modules other entries bring. */
export const ownModule = 'Annals';

/** What a CRM has from the start; every other module is added when the first entry names it. */
export const standardModules: readonly NewModule[] = [
  standard('Leads', 'Lead'),
  standard('Contacts', 'Contact'),
  standard('Accounts', 'Account'),
  standard('Deals', 'Deal'),
  standard('Tasks', 'Task'),
  standard('Events', 'Meeting'),
  standard('Calls', 'Call'),
  standard('Products', 'Product'),
  standard('Quotes', 'Quote'),
  standard('Sales_Orders', 'Sales Order'),
  standard('Purchase_Orders', 'Purchase Order'),
  standard('Invoices', 'Invoice'),
  standard('Campaigns', 'Campaign'),
  standard('Vendors', 'Vendor'),
  standard('Price_Books', 'Price Book'),
  standard('Cases', 'Case'),
  standard('Solutions', 'Solution'),
  standard('Services', 'Service'),
  standard('Appointments', 'Appointment'),
  standard('Notes', 'Note'),
  standard('Attachments', 'Attachment'),
];

function standard(apiName: string, label: string): NewModule {
  return { apiName, singularLabel: label, pluralLabel: `${label}s` };
}
