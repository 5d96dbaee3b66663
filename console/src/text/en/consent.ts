/** The page on which a person lets an application in, or not. */
export const consent = {
  title: 'Allow access',
  asks: (client: string) => `${client} asks for access`,
  to: (organisation: string) => `to the audit log of ${organisation}, in your name`,
  could: 'It could then',
  as: (name: string, email: string | null) => `You are ${name}${email === null ? '' : ` (${email})`}.`,
  notYou: 'Log in as somebody else',
  goesTo: (host: string) => `Either way you go on to ${host}.`,
  limits: 'It never sees more than you may see. An administrator can take the access back at any time.',
  allow: 'Allow',
  deny: 'Deny',
  allowing: 'Allowing …',
  denying: 'Denying …',
  loading: 'Loading what is asked for',
  refusedTitle: 'This request cannot be answered',
  refusedText:
    'The application has sent you here with a request that is not right. Nothing was allowed. Go back to it, and tell whoever runs it what stands here.',
  toLog: 'Go to the log',
} as const;
