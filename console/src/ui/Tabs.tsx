/** Parts of a page, each with an address of its own: links, of which the browser's history knows. */
import { Link, useLocation } from 'wouter';

export interface Tab {
  readonly href: string;
  readonly label: string;
}

export function Tabs({ tabs, label }: { readonly tabs: readonly Tab[]; readonly label: string }) {
  const [location] = useLocation();
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ href, label: name }) => (
        <Link key={href} href={href} className="tab" aria-current={location === href ? 'page' : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
