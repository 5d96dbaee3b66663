/** What generated entries are made of. All of it can be told from real data at a glance. */

const firstNames = [
  ...['Ada', 'Bela', 'Chidi', 'Dana', 'Elif', 'Farid', 'Grace', 'Hanna', 'Iker', 'Jo'],
  ...['Kofi', 'Léa', 'Mina', 'Noor', 'Olga', 'Pavel', 'Quinn', 'Rosa', 'Søren', 'Zoë'],
];
const lastNames = ['Sample', 'Example', 'Specimen', "O'Demo", 'Placeholder'];

/** Ids that no allocator gives, for those lie further on. The same people in every organisation and for every seed. */
const firstPersonId = 100_000_000_000_000_001n;
const firstRecordId = 200_000_000_000_000_000n;
export const recordsPerModule = 5000;

export interface SamplePerson {
  readonly id: bigint;
  readonly name: string;
}

/** A hundred. */
export const people: readonly SamplePerson[] = lastNames.flatMap((last, row) =>
  firstNames.map((first, column) => ({
    id: firstPersonId + BigInt(row * firstNames.length + column),
    name: `${first} ${last}`,
  })),
);

export interface SampleModule {
  readonly apiName: string;
  /** What its records are called. */
  readonly recordName: (number: number) => string;
  /** Field changes of an update: field, and the values it goes through. */
  readonly fields: readonly (readonly [field: string, values: readonly string[]])[];
  readonly hasAccount: boolean;
}

const companies = [
  ...['Sample Orchards', 'Example Freight', 'Specimen Glass', 'Placeholder Bank', 'Test Harbour'],
  ...['Muster, Beispiel & Söhne', 'The "Demo" Works', 'Café Exemple', 'Пример Трейд', '見本商事'],
];

export function companyName(number: number): string {
  return `${companies[number % companies.length]} ${Math.floor(number / companies.length) + 1}`;
}

function personName(number: number): string {
  return `${firstNames[number % firstNames.length]} Contact ${Math.floor(number / firstNames.length) + 1}`;
}

const stages = ['Qualification', 'Needs Analysis', 'Proposal, Price Quote', 'Negotiation', 'Closed Won', 'Closed Lost'];
const states = ['Not Started', 'In Progress', 'Waiting for input', 'Completed'];
const amounts = ['100.00', '2,500.00', '13,999.99', '-40.00', '0.00'];
const owners: readonly [string, readonly string[]] = ['Owner', people.slice(0, 25).map((person) => person.name)];

/** The first takes about a third of all entries. */
export const modules: readonly SampleModule[] = [
  {
    apiName: 'Leads',
    recordName: personName,
    fields: [['Lead_Status', ['New', 'Contacted', 'Qualified', 'Lost, no budget']], owners],
    hasAccount: false,
  },
  {
    apiName: 'Contacts',
    recordName: personName,
    fields: [['Title', ['Manager', 'Director', 'Owner']]],
    hasAccount: true,
  },
  {
    apiName: 'Accounts',
    recordName: companyName,
    fields: [['Rating', ['Active', 'Shut Down']], owners],
    hasAccount: false,
  },
  {
    apiName: 'Deals',
    recordName: (number) => `Deal ${number + 1}, ${companyName(number)}`,
    fields: [['Stage', stages], ['Amount', amounts], owners],
    hasAccount: true,
  },
  {
    apiName: 'Tasks',
    recordName: (number) => `Follow up ${number + 1}`,
    fields: [['Status', states]],
    hasAccount: false,
  },
  {
    apiName: 'Events',
    recordName: (number) => `Demo meeting ${number + 1}`,
    fields: [['Location', ['Room 1', 'Online']]],
    hasAccount: false,
  },
  {
    apiName: 'Calls',
    recordName: (number) => `+1 555 ${String(number).padStart(4, '0')}`,
    fields: [['Call_Status', states]],
    hasAccount: false,
  },
  {
    apiName: 'Products',
    recordName: (number) => `Sample product 1/${number + 1}"`,
    fields: [['Unit_Price', amounts]],
    hasAccount: false,
  },
  {
    apiName: 'Quotes',
    recordName: (number) => `Quote ${number + 1}`,
    fields: [['Quote_Stage', ['Draft', 'Delivered', 'On Hold']]],
    hasAccount: true,
  },
  {
    apiName: 'Invoices',
    recordName: (number) => `Invoice ${number + 1}`,
    fields: [['Status', ['Created', 'Approved', 'Cancelled']]],
    hasAccount: true,
  },
  {
    apiName: 'Cases',
    recordName: (number) => `Case ${number + 1}: "sample question"`,
    fields: [['Status', states], owners],
    hasAccount: true,
  },
];

export function recordId(moduleIndex: number, number: number): string {
  return String(firstRecordId + BigInt(moduleIndex * 1_000_000 + number));
}

export const sources = ['crm_ui', 'crm_ui', 'crm_ui', 'api', 'workflow', 'mobile'];
